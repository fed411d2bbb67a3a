{{- define "airfield.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $both := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $both | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "airfield.operator.name" -}}{{ include "airfield.fullname" . }}-operator{{- end }}
{{- define "airfield.gate.name" -}}{{ include "airfield.fullname" . }}-gate{{- end }}

{{/* Labels that never change, by which Services, policies and other parts of Airfield know pods: (list . "gate"). Not
managed-by: the operator takes what says airfield there for its own. */}}
{{- define "airfield.selector" -}}
{{- $component := last . -}}
{{- with first . -}}
app.kubernetes.io/name: airfield
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ $component }}
{{- end -}}
{{- end }}

{{- define "airfield.labels" -}}
{{ include "airfield.selector" . }}
{{- with first . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}
{{- end }}

{{- define "airfield.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- printf "%s%s%s" .Values.image.repository (hasPrefix "sha256:" $tag | ternary "@" ":") $tag -}}
{{- end }}

{{/* Name of the Secret that the operator and the gates share. */}}
{{- define "airfield.token.secret" -}}
{{- .Values.gate.token.existingSecret | default (printf "%s-gate-token" (include "airfield.fullname" .)) -}}
{{- end }}

{{/* Where gates read certificates, and nothing else is. */}}
{{- define "airfield.certificates.namespace" -}}
{{- .Values.edge.certificates.namespace | default (printf "%s-certificates" (.Release.Namespace | trunc 50 | trimSuffix "-")) -}}
{{- end }}

{{/* Who else may ask for metrics, as elements of `from`. */}}
{{- define "airfield.from-monitoring" -}}
{{- with .Values.operator.monitoringNamespaces }}
- namespaceSelector:
    matchExpressions:
      - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson . }}}
{{- end }}
{{- end }}
