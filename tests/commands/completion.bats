#!/usr/bin/env bats
# `profinject completion`: in bash, zsh and fish themselves, every command and every option
# of --help is completed, with the values it allows.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    for shell in bash zsh fish; do "$PROFINJECT" completion "$shell" >"$shell.script" || return 1; done
    "$PROFINJECT" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >commands
    [ "$(wc -l <commands)" -ge 13 ]
}

SCRIPTS=$BATS_FILE_TMPDIR

# options COMMAND: as its --help has them; of a command without any that is not told.
options() {
    "$PROFINJECT" "$1" --help | sed -nE 's/^  (-., |    )(--[a-z-]+).*/\2/p' | sort | grep . ||
        echo --help
}

# in_bash WORD...: what bash completes the last word to.
in_bash() {
    # shellcheck disable=SC2016 # expanded there
    bash --norc -c '. "$0"; COMP_WORDS=(profinject "$@"); COMP_CWORD=$#
        complete -p profinject >/dev/null && _profinject profinject 2>/dev/null
        printf "%s\n" "${COMPREPLY[@]}"' "$SCRIPTS/bash.script" "$@" | sort
}

# in_fish LINE: likewise; descriptions are left out.
in_fish() {
    command -v fish >/dev/null || skip "no fish on this machine"
    HOME=$PWD fish --no-config -c "source '$SCRIPTS/fish.script'; complete -C 'profinject $1'" |
        cut -f 1 | sort
}

@test "scripts are sound shell" {
    bash -n "$SCRIPTS/bash.script"
    shellcheck -s bash "$SCRIPTS/bash.script"
    ! command -v zsh || zsh -n "$SCRIPTS/zsh.script"
    ! command -v fish || fish -n "$SCRIPTS/fish.script"
}

@test "bash: every command and every option of --help" {
    diff <(in_bash '' | grep -v '^--') <(sort "$SCRIPTS/commands")
    while read -r command; do
        diff <(in_bash "$command" --) <(options "$command")
    done <"$SCRIPTS/commands"
}

@test "bash: values, with '=' too" {
    [ "$(in_bash record --clock p)" = perf ]
    [ "$(in_bash record --clock = '')" = "$(printf '%s\n' auto cpu itimer perf wall)" ]
    [ "$(in_bash record --clock =)" = "$(printf '%s\n' auto cpu itimer perf wall)" ]
    [ "$(in_bash flamegraph --color l)" = language ]
    in_bash export --format '' | grep -x json
    in_bash export --format '' | grep -x pinj
    [ "$(in_bash completion '')" = "$(printf '%s\n' bash fish zsh)" ]
    [ -z "$(in_bash folded --thread '')" ]
    for metric in $("$PROFINJECT" folded --help | tr -s '\n ' ' ' |
        sed 's/.*to count: \(.*\), or a counter.*/\1/; s/(default)//; s/,/ /g'); do
        [ "$(in_bash folded --metric "$metric" | head -1)" = "$metric" ]
    done
}

@test "bash: files, directories, programs and their arguments" {
    mkdir 'a recording' && touch 'a file'
    [ "$(in_bash report a)" = "$(printf '%s\n' 'a file' 'a recording')" ]
    [ "$(in_bash report --all a | head -1)" = 'a file' ]
    [ "$(in_bash record -o a)" = 'a recording' ]
    [ "$(in_bash report -o 'a f')" = 'a file' ]
    in_bash record -- gre | grep -x grep
    in_bash record -F 99 gre | grep -x grep
    [ "$(in_bash record grep --)" = "" ]
    [ "$(in_bash record -- grep a)" = "$(printf '%s\n' 'a file' 'a recording')" ]
    [ "$(in_bash report -- --)" = "" ]
}

@test "profiled processes for pause and its kin" {
    "$PROFINJECT" record -q -o recording -- sleep 20 &
    recorder=$!
    for _ in {1..100}; do
        pid=$(pgrep -P "$recorder" -x sleep) && [ -n "$(in_bash pause "$pid")" ] && break
        sleep 0.1
    done
    [ "$(in_bash pause "$pid")" = "$pid" ]
    run ! grep -x "$$" <<<"$(in_bash snapshot '')"
    if command -v fish; then in_fish 'resume ' | grep -x "$pid"; fi
    kill "$pid"
    wait "$recorder" || true
}

@test "fish: every command, every option, values, programs" {
    diff <(in_fish '' | grep -v '^-') <(sort "$SCRIPTS/commands")
    while read -r command; do
        diff <(in_fish "$command --") <(options "$command")
    done <"$SCRIPTS/commands"
    [ "$(in_fish 'record --clock p')" = perf ]
    [ "$(in_fish 'flamegraph --color=l' | sed 's/.*=//')" = language ]
    in_fish 'record -F 99 gre' | grep -x grep
    touch 'a-file'
    in_fish 'report a-' | grep -x a-file
    in_fish 'record -- grep a-' | grep -x a-file
    run ! grep -x -- --clock <<<"$(in_fish 'record grep --cl')"
}

# zsh completes on a terminal alone; what the script asks of _arguments is told without.
@test "zsh: every command and every option" {
    command -v zsh >/dev/null || skip "no zsh on this machine"
    cat >tell.zsh <<'EOF'
compdef() { :; }
_describe() { print -rl -- "${(@)commands%%:*}"; }
_arguments() { print -rl -- "$@"; }
source $1
words=(profinject "${@[2,-1]}")
CURRENT=$#words
_profinject
EOF
    diff <(zsh -f tell.zsh "$SCRIPTS/zsh.script" '' | grep -v '^-' | sort) <(sort "$SCRIPTS/commands")
    while read -r command; do
        zsh -f tell.zsh "$SCRIPTS/zsh.script" "$command" -- >told
        diff <(sed -nE 's/^(\(.*\))?(-.\+?)?(--[a-z-]+)=?\[.*/\3/p' told | sort) <(options "$command")
    done <"$SCRIPTS/commands"
}

@test "zsh on a terminal: options, values, programs, files" {
    command -v zsh >/dev/null || skip "no zsh on this machine"
    touch a-recording-here
    timeout 60 python3 "$CHECKS/type_in_zsh.py" "$SCRIPTS/zsh.script" 'profinject fla' \
        'profinject record --cl' 'profinject record --clock i' 'profinject export --format=p' \
        'profinject record -F 99 -- cat a-rec' 'profinject report a-rec' >listed
    cat listed
    grep -Fx 'profinject record --cl|--clock' listed
    grep -Fx 'profinject record --clock i|itimer' listed
    grep -Fx 'profinject export --format=p|pinj' listed
    grep -Fx 'profinject record -F 99 -- cat a-rec|a-recording-here' listed
    grep -Fx 'profinject report a-rec|a-recording-here' listed
}

@test "a shell that nobody knows" {
    run -2 "$PROFINJECT" completion tcsh
    [ "$output" = "profinject completion: shell 'tcsh': allowed: bash, zsh, fish" ]
    run -2 "$PROFINJECT" completion
    [ "$output" = "profinject completion: SHELL is missing: bash, zsh or fish" ]
}
