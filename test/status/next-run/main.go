// Prints when the library of the CronJob controller begins runs. Reads lines of cron, zone and the time from which on,
// with tabs between them, and adds four times to each. How times.tsv was made:
//
//	go mod init next-run && go get github.com/robfig/cron/v3@v3.0.1
//	cut -f1-3 times.tsv | go run main.go
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Split(lines.Text(), "\t")
		schedule, err := cron.ParseStandard("TZ=" + words[1] + " " + words[0])
		if err != nil {
			panic(err)
		}
		at, err := time.Parse(time.RFC3339, words[2])
		if err != nil {
			panic(err)
		}
		fmt.Print(lines.Text())
		for range 4 {
			at = schedule.Next(at)
			if at.IsZero() {
				fmt.Print("\tnever")
				break
			}
			fmt.Print("\t" + at.UTC().Format("2006-01-02T15:04Z"))
		}
		fmt.Println()
	}
}
