{{/* What CoreDNS needs so that process groups and regions have names. The operator gives each App a headless Service
`internal--<app>` with the host names `process-<group>` and `region-<region>` (src/desired/place-names.ts), and Kubernetes'
own DNS answers no names of more labels. `answer auto` gives the answer the name that was asked for. Labels that would
become longer than 63 characters are left alone: CoreDNS fails on those. */}}
{{- define "airfield.dns.rewrite" -}}
{{- $svc := printf "svc.%s" .Values.clusterDomain -}}
{{- $end := printf `\.internal\.([a-z0-9-]+)\.%s\.$` (replace "." `\.` $svc) -}}
rewrite stop {
    name regex ^([a-z0-9-]{1,55})\.process\.([a-z0-9-]{1,53}){{ $end }} process-{1}.internal--{2}.{3}.{{ $svc }}
    answer auto
}
rewrite stop {
    name regex ^([a-z0-9-]{1,56})\.([a-z0-9-]{1,53}){{ $end }} region-{1}.internal--{2}.{3}.{{ $svc }}
    answer auto
}
{{- end }}
