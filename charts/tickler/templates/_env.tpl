{{/* The settings of a service, from its groups. Takes top, part and s, the service. */}}
{{- define "tickler.env" -}}
{{- $top := .top -}}{{- $s := .s -}}
- {name: LOG_LEVEL, value: {{ $top.Values.logLevel | quote }}}
{{- if has "public" $s.settings }}
- {name: PUBLIC_URL, value: {{ $top.Values.publicUrl | quote }}}
{{- end }}
{{- if has "proxies" $s.settings }}
- {name: TRUSTED_PROXIES, value: {{ join "," $top.Values.trustedProxies | quote }}}
{{- end }}
{{- if has "auth" $s.settings }}
- {name: AUTH_ISSUER, value: {{ $top.Values.publicUrl | quote }}}
- {name: AUTH_AUDIENCE, value: {{ $top.Values.publicUrl | quote }}}
- {name: AUTH_JWKS_URL, value: "{{ include "tickler.url" (dict "top" $top "part" "identity") }}/api/auth/jwks"}
{{- end }}
{{- if has "kafka" $s.settings }}
{{ include "tickler.kafka" (dict "top" $top "user" .part) }}
{{- end }}
{{- if has "database" $s.settings }}
- {name: DATABASE_URL_FILE, value: /run/secrets/database-url}
- {name: WORK_DATABASE_URL_FILE, value: /run/secrets/work-database-url}
{{- end }}
{{- if has "client" $s.settings }}
- {name: AUTH_CLIENT_SECRET_FILE, value: /run/secrets/client-secret}
{{- end }}
{{- if has "urls" $s.settings }}{{ range $s.calls }}{{ if get (include "tickler.services" $top | fromJson) . }}
- {name: {{ upper . }}_URL, value: {{ include "tickler.url" (dict "top" $top "part" .) | quote }}}
{{- end }}{{ end }}{{ end }}
{{- if and (has "traces" $s.settings) $top.Values.traces.endpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ $top.Values.traces.endpoint | quote }}}
{{- end }}
{{- if and (has "mail" ($s.reaches | default list)) $top.Values.mail.enabled }}
- {name: SMTP_URL_FILE, value: /run/secrets/smtp-url}
- {name: SMTP_FROM, value: {{ $top.Values.mail.from | quote }}}
{{- end }}
{{- range $name, $key := $s.secrets }}
- {name: {{ $name }}_FILE, value: /run/secrets/{{ $key }}}
{{- end }}
{{- if $top.Values.mutualTLS.enabled }}
- {name: TLS_CERT_FILE, value: /run/tls/tls.crt}
- {name: TLS_KEY_FILE, value: /run/tls/tls.key}
- {name: TLS_CA_FILE, value: /run/tls/ca.crt}
{{- end }}
{{- range $name, $value := $s.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{/* Whether a service has secrets. */}}
{{- define "tickler.hasSecret" -}}
{{- $s := .s -}}
{{- $signsIn := and (has "kafka" $s.settings) .top.Values.kafka.sasl.mechanism -}}
{{- if or (has "database" $s.settings) (has "client" $s.settings) $s.secrets $signsIn }}yes{{ end -}}
{{- end -}}

{{- define "tickler.mounts" -}}
{{- if include "tickler.hasSecret" . }}
- {name: secrets, mountPath: /run/secrets, readOnly: true}
{{- end }}
{{- if has "kafka" .s.settings }}{{ include "tickler.kafkaMount" .top }}{{ end }}
{{- if .top.Values.mutualTLS.enabled }}
- {name: tls, mountPath: /run/tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "tickler.volumes" -}}
{{- if include "tickler.hasSecret" . }}
- name: secrets
  secret: {secretName: {{ include "tickler.secret" . }}, defaultMode: 0440}
{{- end }}
{{- if has "kafka" .s.settings }}{{ include "tickler.kafkaVolume" .top }}{{ end }}
{{- if .top.Values.mutualTLS.enabled }}
- name: tls
  secret:
    secretName: {{ .top.Values.mutualTLS.secret }}
    defaultMode: 0440
    items:
      - {key: {{ .part }}.crt, path: tls.crt}
      - {key: {{ .part }}.key, path: tls.key}
      - {key: ca.crt, path: ca.crt}
{{- end }}
{{- end -}}
