{{/* Variables of the operator: those that values have words for, and those of operator.env. What is empty is left out. */}}
{{- define "airfield.operator.env" -}}
{{- $operator := .Values.operator -}}
{{- $regions := list -}}
{{- range $region, $labels := $operator.regions }}{{ $regions = append $regions (printf "%s=%s" $region (join "|" $labels)) }}{{ end -}}
{{- $edge := .Values.edge -}}
{{- $env := dict
  "AIRFIELD_NAMESPACE" .Values.watchNamespace
  "AIRFIELD_LEASE_NAMESPACE" .Release.Namespace
  "AIRFIELD_LEASE_NAME" (include "airfield.operator.name" .)
  "AIRFIELD_CLUSTER_DOMAIN" .Values.clusterDomain
  "AIRFIELD_DNS_REWRITE" (.Values.dns.rewrite.enabled | ternary "on" "")
  "AIRFIELD_LOG_LEVEL" $operator.logLevel
  "AIRFIELD_CONCURRENCY" (toString $operator.concurrency)
  "AIRFIELD_DEFAULT_REGION" $operator.defaultRegion
  "AIRFIELD_REGIONS" (join "," $regions)
  "AIRFIELD_REGION_MODE" $operator.regionMode
  "AIRFIELD_POD_SECURITY" $operator.podSecurity
  "AIRFIELD_INGRESS_NAMESPACES" (join "," $operator.ingressNamespaces)
  "AIRFIELD_MONITORING_NAMESPACES" (join "," $operator.monitoringNamespaces)
  "AIRFIELD_STOP_AFTER" $operator.stopAfter
  "AIRFIELD_DRAIN" $operator.drain
  "AIRFIELD_STOP_HOOK" $operator.stopHook
  "AIRFIELD_PAUSE_IMAGE" $operator.pauseImage
  "AIRFIELD_EDGE" (eq $edge.kind "gateway" | ternary "httproute" $edge.kind)
  "AIRFIELD_BASE_DOMAIN" $edge.baseDomain
  "AIRFIELD_INGRESS_CLASS" $edge.ingressClass
  "AIRFIELD_GATEWAY" (eq $edge.kind "gateway" | ternary (printf "%s/%s" $edge.gateway.namespace $edge.gateway.name) "")
  "AIRFIELD_RAW_PORTS" $edge.rawPorts
-}}
{{- if .Values.gate.enabled -}}
{{- $_ := set $env "AIRFIELD_GATES_NAMESPACE" .Release.Namespace -}}
{{- $_ := set $env "AIRFIELD_GATES_PORTS" .Values.gate.ports -}}
{{- if include "airfield.gate.certificates" . -}}
{{- $_ := set $env "AIRFIELD_GATES_CERTIFICATES_NAMESPACE" (include "airfield.certificates.namespace" .) -}}
{{- end -}}
{{- $_ := set $env "AIRFIELD_GATES_POLICIES" (.Values.networkPolicy.enabled | ternary "on" "off") -}}
{{- end -}}
{{- include "airfield.env" (merge (dict) $operator.env $env) }}
{{- if .Values.gate.enabled }}
- name: AIRFIELD_GATES_TOKEN
  valueFrom: {secretKeyRef: {name: {{ include "airfield.token.secret" . }}, key: token}}
{{- end }}
{{- end }}

{{/* Variables of both containers of a gate. */}}
{{- define "airfield.gate.env" -}}
{{- $gate := .Values.gate -}}
{{- $env := dict
  "AIRFIELD_GATE_NAMESPACE" .Values.watchNamespace
  "AIRFIELD_GATE_DIRECTORY" "/run/gate"
  "AIRFIELD_GATE_HAPROXY_MODE" "beside"
  "AIRFIELD_GATE_LOG_LEVEL" $gate.logLevel
  "AIRFIELD_GATE_REGION" $gate.region
  "AIRFIELD_GATE_PORTS" $gate.ports
  "AIRFIELD_GATE_DRAIN" $gate.drain
  "AIRFIELD_GATE_GRACE" $gate.grace
  "AIRFIELD_GATE_THREADS" (toString $gate.threads)
  "AIRFIELD_GATE_MAX_CONNECTIONS" (int64 $gate.maxConnections | toString)
  "AIRFIELD_GATE_MAX_HELD" (int64 $gate.maxHeld | toString)
  "AIRFIELD_GATE_ACCESS_LOG" ($gate.accessLog | ternary "on" "off")
  "AIRFIELD_GATE_TRUSTED_NETWORKS" (join "," $gate.trustedNetworks)
  "AIRFIELD_GATE_ACCEPT_PROXY" (join "," $gate.acceptProxy)
-}}
{{- if eq .Values.edge.kind "gate" -}}
{{- $_ := set $env "AIRFIELD_GATE_EDGE_HTTP" "8080" -}}
{{- $_ := set $env "AIRFIELD_GATE_EDGE_HTTPS" "8443" -}}
{{- end -}}
{{- if include "airfield.gate.certificates" . -}}
{{- $_ := set $env "AIRFIELD_GATE_CERTIFICATES_NAMESPACE" (include "airfield.certificates.namespace" .) -}}
{{- end -}}
{{- include "airfield.env" (merge (dict) $gate.env $env) }}
- name: AIRFIELD_GATE_TOKEN
  valueFrom: {secretKeyRef: {name: {{ include "airfield.token.secret" . }}, key: token}}
{{- end }}

{{/* Whether gates serve hosts, for which they read certificates. */}}
{{- define "airfield.gate.certificates" -}}
{{- $edge := .Values.edge -}}
{{- if and .Values.gate.enabled (or (eq $edge.kind "gate") (and (ne $edge.kind "none") (ne $edge.rawPorts "none"))) }}true{{ end -}}
{{- end }}

{{- define "airfield.env" -}}
{{- range $name, $value := . }}{{ with $value }}
- name: {{ $name }}
  value: {{ quote . }}
{{- end }}{{ end }}
{{- end }}
