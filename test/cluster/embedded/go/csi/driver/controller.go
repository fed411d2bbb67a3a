package main

import (
	"context"
	"os"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	mebibyte    = 1 << 20
	defaultSize = 1 << 30
	// Less than this is refused by mkfs.xfs.
	smallestSize = 300 * mebibyte
)

// controller makes, grows and removes volumes and snapshots, one at a time.
type controller struct {
	csi.UnimplementedControllerServer
	images imageStore
	// The node of volumes that are asked for without one.
	node string
	lock sync.Mutex
}

func (c *controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, kind := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
	} {
		rpc := &csi.ControllerServiceCapability_RPC{Type: kind}
		answer.Capabilities = append(answer.Capabilities,
			&csi.ControllerServiceCapability{Type: &csi.ControllerServiceCapability_Rpc{Rpc: rpc}})
	}
	return answer, nil
}

func (c *controller) CreateVolume(_ context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if err := mountable(request.GetVolumeCapabilities()); err != nil {
		return nil, err
	}
	size := wantedSize(request.GetCapacityRange())
	c.lock.Lock()
	defer c.lock.Unlock()
	volume, err := c.images.find(volumes, request.GetName())
	if err != nil {
		return nil, err
	}
	if volume == nil {
		if volume, err = c.create(request, size); err != nil {
			return nil, err
		}
	}
	if volume.size != size {
		return nil, status.Errorf(codes.AlreadyExists, "%s has %d bytes, not %d", volume.id, volume.size, size)
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId:           volume.id,
		CapacityBytes:      volume.size,
		ContentSource:      request.GetVolumeContentSource(),
		AccessibleTopology: []*csi.Topology{topologyOf(volume.owner)},
	}}, nil
}

func (c *controller) create(request *csi.CreateVolumeRequest, size int64) (*image, error) {
	source, err := c.source(request.GetVolumeContentSource())
	if err != nil {
		return nil, err
	}
	if source != nil && source.size > size {
		return nil, status.Errorf(codes.OutOfRange, "%s has %d bytes, more than %d", source.id, source.size, size)
	}
	return c.images.create(volumes, c.nodeFor(request), request.GetName(), func(path string) error {
		if source == nil {
			return format(path, size)
		}
		return duplicate(source.path, path, size)
	})
}

// source is the snapshot that a volume begins as; nil for an empty one.
func (c *controller) source(content *csi.VolumeContentSource) (*image, error) {
	if content == nil {
		return nil, nil
	}
	return c.images.need(snapshots, content.GetSnapshot().GetSnapshotId())
}

func (c *controller) nodeFor(request *csi.CreateVolumeRequest) string {
	for _, topology := range request.GetAccessibilityRequirements().GetPreferred() {
		if node := topology.GetSegments()[topologyKey]; node != "" {
			return node
		}
	}
	return c.node
}

func (c *controller) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return &csi.DeleteVolumeResponse{}, c.images.remove(volumes, request.GetVolumeId())
}

func (c *controller) ControllerExpandVolume(_ context.Context, request *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	volume, err := c.images.need(volumes, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	size := max(volume.size, wantedSize(request.GetCapacityRange()))
	if err := os.Truncate(volume.path, size); err != nil {
		return nil, err
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: size, NodeExpansionRequired: true}, nil
}

func (c *controller) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if _, err := c.images.need(volumes, request.GetVolumeId()); err != nil {
		return nil, err
	}
	if err := mountable(request.GetVolumeCapabilities()); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: err.Error()}, nil
	}
	confirmed := &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: request.GetVolumeCapabilities()}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: confirmed}, nil
}

func mountable(capabilities []*csi.VolumeCapability) error {
	for _, capability := range capabilities {
		if capability.GetMount() == nil {
			return status.Error(codes.InvalidArgument, "only volumes with a file system")
		}
		if kind := capability.GetMount().GetFsType(); kind != "" && kind != "xfs" {
			return status.Errorf(codes.InvalidArgument, "only xfs, not %s", kind)
		}
	}
	return nil
}

// wantedSize is whole mebibytes.
func wantedSize(capacity *csi.CapacityRange) int64 {
	bytes := capacity.GetRequiredBytes()
	if bytes == 0 {
		bytes = defaultSize
	}
	return max((bytes+mebibyte-1)/mebibyte*mebibyte, smallestSize)
}

func topologyOf(node string) *csi.Topology {
	return &csi.Topology{Segments: map[string]string{topologyKey: node}}
}
