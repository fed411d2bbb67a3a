/** What a shell runs to complete words of `airfield`: each asks the program itself, so they are the same in every version. */
export const completionScripts = {
  bash: `# bash completion for airfield. Try it: source <(airfield completion bash)
_airfield() {
  local answer line current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  answer=$(airfield __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  [[ $current == '=' ]] && current=''
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    [[ -n $line && $line != :* && $line == "$current"* ]] && COMPREPLY+=("$line")
  done <<< "$answer"
  if [[ \${#COMPREPLY[@]} -eq 0 && \${answer##*:} == 0 ]]; then compopt -o default 2>/dev/null; fi
  return 0
}
complete -F _airfield airfield
`,
  zsh: `#compdef airfield
# zsh completion for airfield. Try it: source <(airfield completion zsh)
_airfield() {
  local -a answer candidates
  local line
  answer=("\${(@f)$(airfield __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${(@)answer[1,-2]}"; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#candidates} )); then
    _describe airfield candidates
  elif [[ \${answer[-1]} == ':0' ]]; then
    _files
  fi
}
compdef _airfield airfield
`,
  fish: `# fish completion for airfield. Try it: airfield completion fish | source
function __airfield_complete
  set -l words (commandline -opc) (commandline -ct)
  airfield __complete $words[2..-1] 2>/dev/null | string match -v -r '^:\\d+$'
end
complete -c airfield -n 'not __fish_seen_subcommand_from convert diff seal console' -f
complete -c airfield -a '(__airfield_complete)'
`,
  kubectl: `#!/bin/sh
# Completion of "kubectl airfield": an executable file of this name in a folder of the PATH: kubectl_complete-airfield
exec kubectl airfield __complete "$@"
`,
} as const;

export type Shell = keyof typeof completionScripts;
export const shells = Object.keys(completionScripts) as Shell[];
