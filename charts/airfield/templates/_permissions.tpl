{{/* What the operator may do where Apps are. Nothing here is a wildcard, and no verb is here that it does not use. */}}
{{- define "airfield.operator.rules" -}}
- apiGroups: [airfield.dev]
  resources: [apps, machines]
  verbs: [list, watch, delete]
- apiGroups: [airfield.dev]
  resources: [schedules, secrets]
  verbs: [list, watch]
- apiGroups: [airfield.dev]
  resources: [apps/status, machines/status, schedules/status, secrets/status]
  verbs: [patch]
{{- $everything := "[get, list, watch, create, patch, update, delete]" }}
- apiGroups: [apps]
  resources: [deployments, statefulsets, controllerrevisions]
  verbs: {{ $everything }}
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: {{ $everything }}
- apiGroups: [""]
  resources: [services, configmaps, secrets]
  verbs: {{ $everything }}
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies, ingresses]
  verbs: {{ $everything }}
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: {{ $everything }}
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: {{ $everything }}
- apiGroups: [monitoring.coreos.com]
  resources: [podmonitors]
  verbs: {{ $everything }}
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: {{ $everything }}
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [list, watch, create, patch]
- apiGroups: [snapshot.storage.k8s.io]
  resources: [volumesnapshots]
  verbs: [list, watch, create, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, patch, delete]
- apiGroups: [""]
  resources: [pods/resize]
  verbs: [patch]
- apiGroups: [apps]
  resources: [deployments/scale, statefulsets/scale]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* What it may do in its own namespace: the Lease by which one of them leads. */}}
{{- define "airfield.operator.own-rules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- if .Values.watchNamespace }}
# Sealing keys, and copies of certificates that were here before they had a namespace of their own.
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get, list, watch, create, patch, update, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
{{- if .Values.gate.enabled }}
# Who may connect to ports of Apps at the gates.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, update, delete]
{{- end }}
{{- end }}
{{- end }}

{{/* What it may do where gates read certificates. */}}
{{- define "airfield.operator.certificate-rules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch, update, delete]
{{- end }}

{{/* What it may see of the cluster: which architecture nodes have, and where they are. */}}
{{- define "airfield.operator.node-rules" -}}
- apiGroups: [""]
  resources: [nodes]
  verbs: [list{{ if eq .Values.operator.regionMode "require" }}, watch{{ end }}]
{{- if .Values.nodeProxy.enabled }}
- apiGroups: [""]
  resources: [nodes/proxy]
  verbs: [get]
{{- end }}
{{- end }}

{{- define "airfield.gate.rules" -}}
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, patch]
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [pods/resize]
  verbs: [patch]
- apiGroups: [apps]
  resources: [deployments/scale, statefulsets/scale]
  verbs: [get, patch]
{{- end }}

{{/* A role and its binding to a service account, in the whole cluster or in one namespace:
(dict "root" $ "name" … "namespace" … "account" … "component" … "rules" …) */}}
{{- define "airfield.grant" -}}
{{- $kind := empty .namespace | ternary "ClusterRole" "Role" -}}
{{- $namespace := empty .namespace | ternary "" (printf "\n  namespace: %s" .namespace) -}}
{{- $labels := include "airfield.labels" (list .root .component) | nindent 4 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  name: {{ .name }}{{ $namespace }}
  labels: {{- $labels }}
rules: {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  name: {{ .name }}{{ $namespace }}
  labels: {{- $labels }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}
