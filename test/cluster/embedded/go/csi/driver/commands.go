package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// command runs a program; what it said is in the error.
func command(name string, arguments ...string) error {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}

// exitCode is 0 for no error, and what a program ended with; 128 where it could not even run.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	default:
		return 128
	}
}

// mountedDevice is the device that is mounted at exactly this path, or "".
func mountedDevice(path string) string {
	output, err := exec.Command("findmnt", "--noheadings", "--first-only", "--output", "SOURCE", "--mountpoint", path).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(output))
}

// fillDevice makes the mounted file system as large as the image under its device has become.
func fillDevice(device string) error {
	if err := command("losetup", "--set-capacity", device); err != nil {
		return err
	}
	return command("resize2fs", device)
}

// flush brings what programs have written to a mounted image's file system into the image.
func flush(path string) error {
	output, err := exec.Command("losetup", "--associated", path, "--noheadings", "--output", "NAME").Output()
	if err != nil {
		return err
	}
	for _, device := range strings.Fields(string(output)) {
		if err := command("blockdev", "--flushbufs", device); err != nil {
			return err
		}
	}
	return nil
}
