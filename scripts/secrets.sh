#!/usr/bin/env bash
# secrets makes the Secrets that k8s/minikube waits for, at random, and leaves those that are there.
#   scripts/secrets.sh [NAMESPACE]
set -euo pipefail
cd "$(dirname "$0")/.."
space=${1:-tickler}
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
kubectl -n "$space" get secret tickler-identity >/dev/null 2>&1 && { echo "the secrets are there"; exit; }
go run ./scripts/provision secrets -dir "$kept" -database tickler-postgres:5432/tickler \
  identity:database,secret-key,auth-secret,client-secrets,password api:database,password audit:database,password \
  notification:database,secret-key,password chat:database,client-secret,password mcp:client-secret web:client-secret \
  recurring:password scheduler:password realtime:password kafka-admin:password
secret() { # name, then key=file
  local name=$1 from=()
  shift
  for pair in "$@"; do
    # kubectl takes a file as it is, and a key has no line's end.
    tr -d '\n' <"$kept/${pair#*=}" >"$kept/one" && cp "$kept/one" "$kept/.${name}-${pair%%=*}"
    from+=("--from-file=${pair%%=*}=$kept/.${name}-${pair%%=*}")
  done
  kubectl -n "$space" create secret generic "tickler-$name" "${from[@]}"
}
database() { echo "database-url=$1/database-url work-database-url=$1/work-database-url kafka-password=$1/password"; }
for service in identity api audit notification chat; do secret "$service-owner" "migrate-database-url=owners/$service"; done
secret api $(database api)
secret audit $(database audit)
secret identity $(database identity) auth-secret=identity/auth-secret client-secrets=identity/client-secrets secret-key=identity/secret-key
secret notification $(database notification) secret-key=notification/secret-key
secret chat $(database chat) client-secret=chat/client-secret
for service in mcp web; do secret "$service" "client-secret=$service/client-secret"; done
for service in recurring scheduler realtime; do secret "$service" "kafka-password=$service/password"; done
secret postgres password=postgres/password url=owners/postgres
printf 'admin:%s:SCRAM-SHA-512' "$(cat "$kept/kafka-admin/password")" >"$kept/bootstrap"
secret kafka-admin password=kafka-admin/password bootstrap=bootstrap
