package main

import (
	"context"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// CreateSnapshot is asked of the node that has the volume: it alone can keep the volume still meanwhile.
func (c *controller) CreateSnapshot(_ context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	snapshot, err := c.images.find(snapshots, request.GetName())
	if err != nil {
		return nil, err
	}
	if snapshot == nil {
		if snapshot, err = c.snapshot(request.GetSourceVolumeId(), request.GetName()); err != nil {
			return nil, err
		}
	}
	if snapshot.owner != request.GetSourceVolumeId() {
		return nil, status.Errorf(codes.AlreadyExists, "%s is a snapshot of %s", snapshot.id, snapshot.owner)
	}
	info, err := os.Stat(snapshot.path)
	if err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId:     snapshot.id,
		SourceVolumeId: snapshot.owner,
		SizeBytes:      snapshot.size,
		CreationTime:   timestamppb.New(info.ModTime()),
		ReadyToUse:     true,
	}}, nil
}

func (c *controller) snapshot(volumeID, name string) (*image, error) {
	volume, err := c.images.need(volumes, volumeID)
	if err != nil {
		return nil, err
	}
	return c.images.create(snapshots, volume.id, name, func(path string) error {
		return frozen(volume.path, func() error { return duplicate(volume.path, path, volume.size) })
	})
}

func (c *controller) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return &csi.DeleteSnapshotResponse{}, c.images.remove(snapshots, request.GetSnapshotId())
}
