{{/* The name that all objects begin with: the release's, with the chart's where that says something else. */}}
{{- define "tickler.name" -}}
{{- $release := .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- if contains "tickler" $release }}{{ $release }}{{ else }}{{ $release }}-tickler{{ end -}}
{{- end -}}

{{/* What selects the pods of a part. Takes (dict "top" $ "part" "api"). */}}
{{- define "tickler.selector" -}}
app.kubernetes.io/name: {{ .part }}
app.kubernetes.io/instance: {{ .top.Release.Name }}
{{- end -}}

{{- define "tickler.labels" -}}
{{ include "tickler.selector" . }}
app.kubernetes.io/part-of: tickler
app.kubernetes.io/version: {{ .top.Values.image.tag | default .top.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .top.Release.Service }}
helm.sh/chart: {{ .top.Chart.Name }}-{{ .top.Chart.Version }}
{{- end -}}

{{- define "tickler.image" -}}
{{- $image := .top.Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.prefix }}{{ .part }}
{{- with .digest }}@{{ . }}{{ else }}:{{ $image.tag | default .top.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* The services that run, as JSON for fromJson. */}}
{{- define "tickler.services" -}}
{{- $found := dict -}}
{{- range $name, $s := .Values.services -}}
{{- if ne (toString $s.enabled) "false" }}{{ $_ := set $found $name $s }}{{ end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/* The name of a Secret: a service's own may be given. Takes top and part. */}}
{{- define "tickler.secret" -}}
{{- $s := get .top.Values.services .part | default dict -}}
{{- $s.secret | default (printf "%s-%s" (include "tickler.name" .top) .part) -}}
{{- end -}}

{{- define "tickler.brokers" -}}
{{- if .Values.kafka.brokers }}{{ join "," .Values.kafka.brokers }}{{ else }}{{ include "tickler.name" . }}-redpanda:9092{{ end -}}
{{- end -}}

{{- define "tickler.databaseHost" -}}
{{- .Values.postgres.host | default (printf "%s-postgres" (include "tickler.name" .)) -}}
{{- end -}}

{{/* A URL of a service inside. Takes top and part. */}}
{{- define "tickler.url" -}}
{{- $s := get .top.Values.services .part -}}
{{- if .top.Values.mutualTLS.enabled }}https{{ else }}http{{ end }}://{{ include "tickler.name" .top }}-{{ .part }}:{{ $s.port }}
{{- end -}}

{{/* What keeps a pod within its bounds. */}}
{{- define "tickler.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid | default 65532 }}
runAsGroup: {{ .uid | default 65532 }}
fsGroup: {{ .uid | default 65532 }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "tickler.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* What every pod says. Takes top, and uid if it is not ours. */}}
{{- define "tickler.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- include "tickler.podSecurity" . | nindent 2 }}
{{- with .top.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* How Kafka is reached, for whoever signs in as user. Takes top and user. */}}
{{- define "tickler.kafka" -}}
- {name: KAFKA_BROKERS, value: {{ include "tickler.brokers" .top | quote }}}
{{- with .top.Values.kafka.sasl.mechanism }}
- {name: KAFKA_SASL_MECHANISM, value: {{ . | quote }}}
- {name: KAFKA_SASL_USERNAME, value: {{ $.user | quote }}}
- {name: KAFKA_SASL_PASSWORD_FILE, value: /run/secrets/kafka-password}
{{- end }}
{{- with .top.Values.kafka.tls }}{{ if .enabled }}
- {name: KAFKA_TLS, value: {{ ternary "/run/kafka/ca.crt" "on" (ne .caSecret "") }}}
{{- end }}{{ end }}
{{- end -}}

{{- define "tickler.kafkaMount" -}}
{{- if and .Values.kafka.tls.enabled .Values.kafka.tls.caSecret }}
- {name: kafka-ca, mountPath: /run/kafka, readOnly: true}
{{- end }}
{{- end -}}

{{- define "tickler.kafkaVolume" -}}
{{- if and .Values.kafka.tls.enabled .Values.kafka.tls.caSecret }}
- name: kafka-ca
  secret: {secretName: {{ .Values.kafka.tls.caSecret }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end -}}

{{/* What scales: keda, hpa or off. */}}
{{- define "tickler.scaling" -}}
{{- $mode := .Values.autoscaling.mode -}}
{{- if ne $mode "auto" }}{{ $mode }}
{{- else if .Capabilities.APIVersions.Has "keda.sh/v1alpha1" }}keda
{{- else if .Capabilities.APIVersions.Has "metrics.k8s.io/v1beta1" }}hpa
{{- else }}off{{ end -}}
{{- end -}}

{{- define "tickler.monitored" -}}
{{- $mode := .Values.monitoring.mode -}}
{{- if or (eq $mode "on") (and (eq $mode "auto") (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) }}yes{{ end -}}
{{- end -}}

{{/* The host of publicUrl. */}}
{{- define "tickler.host" -}}
{{- regexReplaceAll ":[0-9]+$" (get (urlParse .Values.publicUrl) "host") "" -}}
{{- end -}}
