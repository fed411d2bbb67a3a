package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// command runs a program; what it said is in the error.
func command(name string, arguments ...string) error {
	_, err := answer(name, arguments...)
	return err
}

func answer(name string, arguments ...string) (string, error) {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	text := strings.TrimSpace(string(output))
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, text)
	}
	return text, nil
}

// mountedDevice is the device that is mounted at exactly this path, or "".
func mountedDevice(path string) string {
	device, err := answer("findmnt", "--noheadings", "--first-only", "--output", "SOURCE", "--mountpoint", path)
	if err != nil {
		return ""
	}
	return device
}

// mount mounts an image. The kernel gives the loop device back when the mount ends, also when that is with the node.
func mount(image, path string) error {
	// A volume and what was made from its snapshots have one UUID.
	return command("mount", "-t", "xfs", "-o", "loop,nouuid", image, path)
}

func unmount(path string) error {
	if mountedDevice(path) == "" {
		return nil
	}
	return command("umount", path)
}

// grow makes the file system that is mounted at this path as large as its image has become.
func grow(path string) error {
	if err := command("losetup", "--set-capacity", mountedDevice(path)); err != nil {
		return err
	}
	return command("xfs_growfs", path)
}

// frozen does `work` while nothing is written to an image that may be mounted on this node: all that was written
// before is in it.
func frozen(image string, work func() error) (err error) {
	device, err := answer("losetup", "--associated", image, "--noheadings", "--output", "NAME")
	if err != nil {
		return err
	}
	if device == "" {
		return work()
	}
	path, err := answer("findmnt", "--noheadings", "--first-only", "--output", "TARGET", "--source", device)
	if err != nil {
		return err
	}
	if err := command("fsfreeze", "--freeze", path); err != nil {
		return err
	}
	defer func() {
		if thawed := command("fsfreeze", "--unfreeze", path); err == nil {
			err = thawed
		}
	}()
	return work()
}
