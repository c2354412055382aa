# Certificates, tokens and kubeconfigs of a cluster; each is made once. Sourced by up.sh.

authority() { # authority FILE COMMON_NAME
  [ -f "$KEYS/$1.crt" ] && return 0
  openssl ecparam -genkey -name prime256v1 -noout -out "$KEYS/$1.key"
  openssl req -x509 -new -key "$KEYS/$1.key" -subj "/CN=$2" -days 3650 -out "$KEYS/$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature
}

certificate() { # certificate FILE AUTHORITY SUBJECT [ALTERNATIVE_NAMES]
  [ -f "$KEYS/$1.crt" ] && return 0
  openssl ecparam -genkey -name prime256v1 -noout -out "$KEYS/$1.key"
  {
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=serverAuth,clientAuth"
    [ -z "${4-}" ] || echo "subjectAltName=$4"
  } >"$KEYS/$1.ext"
  openssl req -new -key "$KEYS/$1.key" -subj "$3" 2>/dev/null |
    openssl x509 -req -CA "$KEYS/$2.crt" -CAkey "$KEYS/$2.key" -CAcreateserial -days 3650 -extfile "$KEYS/$1.ext" -out "$KEYS/$1.crt" 2>/dev/null
}

# Of a component of the cluster, which shows a certificate.
component_kubeconfig() { # component_kubeconfig NAME
  cat >"$KEYS/$1.kubeconfig" <<Y
apiVersion: v1
kind: Config
current-context: cluster
clusters: [{name: cluster, cluster: {server: "https://$ADDRESS:$API_PORT", certificate-authority: "$KEYS/ca.crt"}}]
users: [{name: me, user: {client-certificate: "$KEYS/$1.crt", client-key: "$KEYS/$1.key"}}]
contexts: [{name: cluster, context: {cluster: cluster, user: me}}]
Y
}

# People and the product's identities show tokens, as they do on EKS. One context of the kubeconfig for each.
# shifter holds two groups, as the functions that move traffic do; stranger holds none.
tokens() {
  [ -f "$KEYS/tokens.csv" ] && return 0
  local user groups
  while read -r user groups; do
    echo "$(openssl rand -hex 16),$user,$user,\"$groups\""
  done >"$KEYS/tokens.csv" <<T
admin system:masters
writer slipway:writer
reader slipway:reader
prober slipway:prober
shifter slipway:writer,slipway:prober
stranger
T
}

token_of() { sed -n "s/^\([0-9a-f]*\),$1,.*/\1/p" "$KEYS/tokens.csv"; }

kubeconfig() {
  local user
  {
    echo "apiVersion: v1"
    echo "kind: Config"
    echo "current-context: admin"
    echo "clusters:"
    echo "- {name: slipway, cluster: {server: 'https://$ADDRESS:$API_PORT', certificate-authority-data: $(base64 -w0 "$KEYS/ca.crt")}}"
    echo "users:"
    for user in $(cut -d, -f2 "$KEYS/tokens.csv"); do echo "- {name: $user, user: {token: $(token_of "$user")}}"; done
    echo "contexts:"
    for user in $(cut -d, -f2 "$KEYS/tokens.csv"); do echo "- {name: $user, context: {cluster: slipway, user: $user}}"; done
  } >"$KUBECONFIG_FILE"
}

make_keys() {
  umask 077
  authority ca kubernetes
  authority front front-proxy-ca
  certificate apiserver ca /CN=kube-apiserver \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:10.96.0.1,IP:$ADDRESS"
  certificate front-client front /CN=front-proxy
  certificate to-kubelet ca /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate operator ca /O=system:masters/CN=operator
  certificate kcm ca /CN=system:kube-controller-manager
  certificate scheduler ca /CN=system:kube-scheduler
  certificate proxy ca /CN=system:kube-proxy
  certificate kubelet ca "/O=system:nodes/CN=system:node:$NODE_NAME"
  if [ ! -f "$KEYS/service-accounts.key" ]; then
    openssl ecparam -genkey -name prime256v1 -noout -out "$KEYS/service-accounts.key"
    openssl ec -in "$KEYS/service-accounts.key" -pubout -out "$KEYS/service-accounts.pub" 2>/dev/null
  fi
  local name
  for name in operator kcm scheduler proxy kubelet; do component_kubeconfig "$name"; done
  tokens
  kubeconfig
  umask 022
}
