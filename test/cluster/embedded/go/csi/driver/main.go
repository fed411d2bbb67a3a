// Command driver is a CSI driver whose volumes are XFS file systems in image files, mounted over loop devices: each
// has its real size, fills up, grows while it is mounted, and belongs to the node that it was made for. Every node of
// the cluster runs it on one common folder of images, so that any one of them can make and grow them all.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const (
	driverName  = "loop.csi.airfield.dev"
	topologyKey = "topology.loop.csi.airfield.dev/node"
)

func main() {
	log.SetFlags(log.Ldate | log.Ltime | log.Lmicroseconds)
	node := flag.String("node", "", "name of this node")
	data := flag.String("data", "", "folder of the images, the same for every node")
	kubelet := flag.String("kubelet", "/var/lib/kubelet", "folder of the kubelet")
	flag.Parse()

	socket := filepath.Join(*kubelet, "plugins", driverName, "csi.sock")
	images := imageStore{*data}
	driver := grpc.NewServer(grpc.UnaryInterceptor(logged))
	csi.RegisterIdentityServer(driver, identity{})
	csi.RegisterControllerServer(driver, &controller{images: images, node: *node})
	csi.RegisterNodeServer(driver, nodeService{images: images, node: *node})
	go serve(driver, socket)

	// The kubelet finds a driver by the socket that it puts into this folder.
	registry := grpc.NewServer(grpc.UnaryInterceptor(logged))
	registration.RegisterRegistrationServer(registry, registrar{socket: socket})
	serve(registry, filepath.Join(*kubelet, "plugins_registry", driverName+"-reg.sock"))
}

func serve(server *grpc.Server, socket string) {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		log.Fatal(err)
	}
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(listener))
}

func logged(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	answer, err := handle(ctx, request)
	if err != nil {
		log.Printf("%s %v: %v", info.FullMethod, request, err)
	} else {
		log.Printf("%s %v", info.FullMethod, request)
	}
	return answer, err
}
