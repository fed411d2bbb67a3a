{{/* What values.schema.json cannot say: values that do not go together. Nothing is written where one of them is found. */}}
{{- define "airfield.refuse-contradictions" -}}
{{- $edge := .Values.edge -}}
{{- if and .Values.dns.rewrite.configMap.create (not .Values.dns.rewrite.enabled) }}{{ fail "dns.rewrite.configMap.create: needs dns.rewrite.enabled: set that to true, or this to false" }}{{ end -}}
{{- if and (eq $edge.kind "gate") (not .Values.gate.enabled) }}{{ fail "edge.kind: gate needs gates: set gate.enabled to true, or edge.kind to ingress, gateway or none" }}{{ end -}}
{{- if and (eq $edge.kind "gateway") (or (empty $edge.gateway.name) (empty $edge.gateway.namespace)) }}{{ fail "edge.kind: gateway needs a Gateway: set edge.gateway.namespace and edge.gateway.name" }}{{ end -}}
{{- if and (ne $edge.kind "gateway") $edge.gateway.name }}{{ fail "edge.gateway: needs edge.kind gateway: set that, or remove it" }}{{ end -}}
{{- if and (ne $edge.kind "ingress") $edge.ingressClass }}{{ fail "edge.ingressClass: needs edge.kind ingress: set that, or remove it" }}{{ end -}}
{{- if has (include "airfield.certificates.namespace" .) (list .Release.Namespace .Values.watchNamespace) }}{{ fail "edge.certificates.namespace: gates may read all Secrets there: name a namespace with nothing else in it" }}{{ end -}}
{{- if and (eq $edge.kind "none") $edge.baseDomain }}{{ fail "edge.baseDomain: needs an edge: set edge.kind to gate, ingress or gateway, or remove it" }}{{ end -}}
{{- end }}
