// A peer: net/http and golang-jwt, the way zot verifies a bearer token. Keys are found by the token's kid; nothing is cached.
package main

import (
	"crypto"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/golang-jwt/jwt"
)

// readKeys reads each NAME.pub.pem of folder as the key called NAME.
func readKeys(folder string) (map[string]crypto.PublicKey, error) {
	keys := map[string]crypto.PublicKey{}
	paths, err := filepath.Glob(filepath.Join(folder, "*.pub.pem"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".pub.pem")
		if key, err := jwt.ParseRSAPublicKeyFromPEM(pem); err == nil {
			keys[name] = key
		} else if key, err := jwt.ParseECPublicKeyFromPEM(pem); err == nil {
			keys[name] = key
		} else if key, err := jwt.ParseEdPublicKeyFromPEM(pem); err == nil {
			keys[name] = key
		} else {
			return nil, fmt.Errorf("%s: not a key that is known here", path)
		}
	}
	return keys, nil
}

type accessEntry struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

type claims struct {
	jwt.StandardClaims
	Access []accessEntry `json:"access"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: golang_server PORT KEYS_FOLDER")
		os.Exit(2)
	}
	keys, err := readKeys(os.Args[2])
	if err != nil || len(keys) == 0 {
		fmt.Fprintln(os.Stderr, "no keys:", err)
		os.Exit(2)
	}
	parser := &jwt.Parser{ValidMethods: []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}}
	find := func(token *jwt.Token) (interface{}, error) {
		kid, _ := token.Header["kid"].(string)
		if key, ok := keys[kid]; ok {
			return key, nil
		}
		return nil, errors.New("no public key found for kid")
	}
	handler := http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		text := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
		if text == "" {
			answer.WriteHeader(http.StatusUnauthorized)
			return
		}
		if token, err := parser.ParseWithClaims(text, &claims{}, find); err != nil || !token.Valid {
			answer.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer.WriteHeader(http.StatusOK)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	if err := http.Serve(listener, handler); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
