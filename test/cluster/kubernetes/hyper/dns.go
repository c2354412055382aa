package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const clusterDomain = ".svc.cluster.local."

// runDNS answers for Services with a cluster address and asks the machine's own server for every other name.
// UDP only: what is asked here is short.
func runDNS(args []string) int {
	fs := flag.NewFlagSet("dns", flag.ExitOnError)
	kubeconfig := fs.String("kubeconfig", "", "kubeconfig")
	listen := fs.String("listen", "127.0.0.1:53", "UDP address")
	upstream := fs.String("upstream", "", "UDP address of the server for every other name; none when empty")
	fs.Parse(args)

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dns:", err)
		return 2
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), 0)
	services := factory.Core().V1().Services()
	synced := services.Informer().HasSynced
	factory.Start(context.Background().Done())
	cache.WaitForCacheSync(context.Background().Done(), synced)

	socket, err := net.ListenPacket("udp", *listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dns:", err)
		return 1
	}
	buffer := make([]byte, 4096)
	for {
		n, from, err := socket.ReadFrom(buffer)
		if err != nil {
			fmt.Fprintln(os.Stderr, "dns:", err)
			return 1
		}
		query := append([]byte(nil), buffer[:n]...)
		go func() {
			if reply := answer(query, services.Lister(), *upstream); reply != nil {
				socket.WriteTo(reply, from)
			}
		}()
	}
}

func answer(query []byte, services corelisters.ServiceLister, upstream string) []byte {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil
	}
	question, err := parser.Question()
	if err != nil {
		return nil
	}
	name := strings.ToLower(question.Name.String())
	if !strings.HasSuffix(name, ".cluster.local.") {
		if reply := ask(upstream, query); reply != nil {
			return reply
		}
		return pack(header, question, dnsmessage.RCodeServerFailure, nil)
	}
	address := clusterAddress(services, name)
	if address == nil {
		return pack(header, question, dnsmessage.RCodeNameError, nil)
	}
	if question.Type != dnsmessage.TypeA {
		return pack(header, question, dnsmessage.RCodeSuccess, nil)
	}
	return pack(header, question, dnsmessage.RCodeSuccess, address)
}

// clusterAddress gives the address of <service>.<namespace>.svc.cluster.local, nil when there is none.
func clusterAddress(services corelisters.ServiceLister, name string) net.IP {
	parts := strings.Split(strings.TrimSuffix(name, clusterDomain), ".")
	if !strings.HasSuffix(name, clusterDomain) || len(parts) != 2 {
		return nil
	}
	service, err := services.Services(parts[1]).Get(parts[0])
	if err != nil {
		return nil
	}
	return net.ParseIP(service.Spec.ClusterIP).To4()
}

func ask(upstream string, query []byte) []byte {
	if upstream == "" {
		return nil
	}
	connection, err := net.DialTimeout("udp", upstream, 2*time.Second)
	if err != nil {
		return nil
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := connection.Write(query); err != nil {
		return nil
	}
	reply := make([]byte, 4096)
	n, err := connection.Read(reply)
	if err != nil {
		return nil
	}
	return reply[:n]
}

func pack(asked dnsmessage.Header, question dnsmessage.Question, code dnsmessage.RCode, address net.IP) []byte {
	header := dnsmessage.Header{ID: asked.ID, Response: true, Authoritative: true, RecursionDesired: asked.RecursionDesired, RecursionAvailable: true, RCode: code}
	builder := dnsmessage.NewBuilder(nil, header)
	builder.EnableCompression()
	builder.StartQuestions()
	builder.Question(question)
	if address != nil {
		builder.StartAnswers()
		body := dnsmessage.AResource{}
		copy(body.A[:], address)
		builder.AResource(dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 5}, body)
	}
	reply, err := builder.Finish()
	if err != nil {
		return nil
	}
	return reply
}
