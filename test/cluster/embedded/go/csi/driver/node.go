package main

import (
	"context"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// nodeService mounts volumes where the kubelet of its node wants them.
type nodeService struct {
	csi.UnimplementedNodeServer
	images imageStore
	node   string
}

func (n nodeService) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.node, AccessibleTopology: topologyOf(n.node)}, nil
}

func (n nodeService) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	answer := &csi.NodeGetCapabilitiesResponse{}
	for _, kind := range []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
		csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
		csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
	} {
		rpc := &csi.NodeServiceCapability_RPC{Type: kind}
		answer.Capabilities = append(answer.Capabilities,
			&csi.NodeServiceCapability{Type: &csi.NodeServiceCapability_Rpc{Rpc: rpc}})
	}
	return answer, nil
}

func (n nodeService) NodeStageVolume(_ context.Context, request *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	volume, err := n.images.need(volumes, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if volume.owner != n.node {
		return nil, status.Errorf(codes.FailedPrecondition, "%s is on node %s", volume.id, volume.owner)
	}
	path := request.GetStagingTargetPath()
	if mountedDevice(path) == "" {
		if err := os.MkdirAll(path, 0o750); err != nil {
			return nil, err
		}
		if err := mount(volume.path, path); err != nil {
			return nil, err
		}
	}
	return &csi.NodeStageVolumeResponse{}, grow(path)
}

func (n nodeService) NodeUnstageVolume(_ context.Context, request *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	return &csi.NodeUnstageVolumeResponse{}, unmount(request.GetStagingTargetPath())
}

func (n nodeService) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	path := request.GetTargetPath()
	if mountedDevice(path) != "" {
		return &csi.NodePublishVolumeResponse{}, nil
	}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, err
	}
	options := "bind"
	if request.GetReadonly() {
		options = "bind,ro"
	}
	return &csi.NodePublishVolumeResponse{}, command("mount", "-o", options, request.GetStagingTargetPath(), path)
}

func (n nodeService) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if err := unmount(request.GetTargetPath()); err != nil {
		return nil, err
	}
	if err := os.Remove(request.GetTargetPath()); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

func (n nodeService) NodeExpandVolume(_ context.Context, request *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	if mountedDevice(request.GetVolumePath()) == "" {
		return nil, status.Errorf(codes.NotFound, "nothing is mounted at %s", request.GetVolumePath())
	}
	volume, err := n.images.need(volumes, request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: volume.size}, grow(request.GetVolumePath())
}

func (n nodeService) NodeGetVolumeStats(_ context.Context, request *csi.NodeGetVolumeStatsRequest) (*csi.NodeGetVolumeStatsResponse, error) {
	path := request.GetVolumePath()
	if mountedDevice(path) == "" {
		return nil, status.Errorf(codes.NotFound, "nothing is mounted at %s", path)
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return nil, err
	}
	block := int64(stat.Bsize)
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		usage(csi.VolumeUsage_BYTES, int64(stat.Blocks)*block, int64(stat.Bfree)*block, int64(stat.Bavail)*block),
		usage(csi.VolumeUsage_INODES, int64(stat.Files), int64(stat.Ffree), int64(stat.Ffree)),
	}}, nil
}

func usage(unit csi.VolumeUsage_Unit, total, free, available int64) *csi.VolumeUsage {
	return &csi.VolumeUsage{Unit: unit, Total: total, Used: total - free, Available: available}
}
