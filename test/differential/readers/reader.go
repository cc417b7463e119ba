// A second opinion: what encoding/json makes of a body. One body a line, in base64; one line back: the value in the form that
// readers.py describes, a tab, and what a typed reader sees; or "refused".
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"strings"
	"unicode/utf16"
)

// As servers in Go declare a request; names match in any case, the last wins.
type request struct {
	Model     string            `json:"model"`
	Stream    *bool             `json:"stream"`
	Messages  []json.RawMessage `json:"messages"`
	MaxTokens *int64            `json:"max_tokens"`
	N         *int              `json:"n"`
}

func quote(out *strings.Builder, s string) {
	out.WriteByte('"')
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(out, "%04x", unit)
	}
	out.WriteByte('"')
}

func write(out *strings.Builder, v any) {
	switch x := v.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		fmt.Fprintf(out, "%t", x)
	case float64:
		fmt.Fprintf(out, "#%016x", math.Float64bits(x))
	case string:
		quote(out, x)
	case []any:
		out.WriteByte('[')
		for _, item := range x {
			write(out, item)
			out.WriteByte(',')
		}
		out.WriteByte(']')
	case map[string]any:
		members := make([]string, 0, len(x))
		for name, item := range x {
			var member strings.Builder
			quote(&member, name)
			member.WriteByte(':')
			write(&member, item)
			members = append(members, member.String())
		}
		sort.Strings(members)
		out.WriteString("{" + strings.Join(members, ",") + "}")
	}
}

func typed(body []byte) string {
	var r request
	if err := json.Unmarshal(body, &r); err != nil {
		return "refused"
	}
	var out strings.Builder
	quote(&out, r.Model)
	fmt.Fprintf(&out, " %t %d", r.Stream != nil && *r.Stream, len(r.Messages))
	return out.String()
}

func read(body []byte) string {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&v); err != nil {
		return "refused"
	}
	if _, err := decoder.Token(); err != io.EOF {
		return "refused"
	}
	var out strings.Builder
	write(&out, v)
	return out.String() + "\t" + typed(body)
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		body, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			panic(err)
		}
		fmt.Println(read(body))
	}
}
