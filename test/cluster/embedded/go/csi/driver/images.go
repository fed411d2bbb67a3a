package main

import (
	"os"
	"path/filepath"
	"regexp"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// imageStore keeps everything in the names of its files, so that nothing else has to be written down:
// volumes/<node>/<volume>.img and snapshots/<volume>/<snapshot>.img.
type imageStore struct{ dir string }

type image struct {
	path string
	id   string
	// Of a volume its node, of a snapshot its volume.
	owner string
	size  int64
}

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

const (
	volumes   = "volumes"
	snapshots = "snapshots"
)

// find gives nil for an image that is not there.
func (s imageStore) find(kind, id string) (*image, error) {
	if !validName.MatchString(id) {
		return nil, status.Errorf(codes.InvalidArgument, "%q is not a name", id)
	}
	found, err := filepath.Glob(filepath.Join(s.dir, kind, "*", id+".img"))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	info, err := os.Stat(found[0])
	if err != nil {
		return nil, err
	}
	return &image{path: found[0], id: id, owner: filepath.Base(filepath.Dir(found[0])), size: info.Size()}, nil
}

// need is find for what has to be there.
func (s imageStore) need(kind, id string) (*image, error) {
	found, err := s.find(kind, id)
	if err == nil && found == nil {
		err = status.Errorf(codes.NotFound, "%s: no image of %s", kind, id)
	}
	return found, err
}

// create makes an image by `fill` under another name first: one that is found is complete.
func (s imageStore) create(kind, owner, id string, fill func(path string) error) (*image, error) {
	if !validName.MatchString(owner) {
		return nil, status.Errorf(codes.InvalidArgument, "%q is not a name", owner)
	}
	path := filepath.Join(s.dir, kind, owner, id+".img")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	partial := path + ".partial"
	defer os.Remove(partial)
	if err := fill(partial); err != nil {
		return nil, err
	}
	if err := os.Rename(partial, path); err != nil {
		return nil, err
	}
	return s.need(kind, id)
}

func (s imageStore) remove(kind, id string) error {
	found, err := s.find(kind, id)
	if err != nil || found == nil {
		return err
	}
	return os.Remove(found.path)
}

// format makes an empty file system. XFS, as it grows while it is mounted without the capability SYS_RESOURCE, which a
// machine of a test may lack and ext4 asks for.
func format(path string, size int64) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(path, size); err != nil {
		return err
	}
	// Without what only takes room here: a new volume is nearly empty.
	return command("mkfs.xfs", "-q", "-m", "reflink=0,rmapbt=0", path)
}

// duplicate copies an image; the file system takes a larger `size` when it is mounted.
func duplicate(from, to string, size int64) error {
	if err := command("cp", "--sparse=always", "--reflink=auto", from, to); err != nil {
		return err
	}
	return os.Truncate(to, size)
}
