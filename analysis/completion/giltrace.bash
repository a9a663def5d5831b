# bash completion for giltrace: commands, their options, then whatever COMMAND would be completed with.

_giltrace_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_giltrace_paths() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "-$1" -- "$2")
}

# What follows COMMAND is completed as if giltrace were not there; `at` is where COMMAND stands.
_giltrace_command() {
	local at=$1 current=${COMP_WORDS[COMP_CWORD]}

	if declare -F _command_offset >/dev/null; then
		_command_offset "$at"
	elif ((COMP_CWORD == at)); then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -c -- "$current")
	else
		_giltrace_paths f "$current"
	fi
}

_giltrace() {
	local commands="run record report doctor help"
	local recording="--output --force --buffer-size --no-children --quiet --help --usage"
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options i

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_giltrace_words "$commands --help --version" "$current"
		return
	fi
	case $command in
	run) options="$recording --format --report-file" ;;
	record) options=$recording ;;
	report) options="--format --output --help --usage" ;;
	doctor) options="--help --usage" ;;
	help)
		_giltrace_words "$commands" "$current"
		return
		;;
	*) return ;;
	esac

	# The first word that is neither an option nor the argument of one begins COMMAND.
	if [[ $command != report ]]; then
		for ((i = 2; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			--)
				_giltrace_command $((i + 1))
				return
				;;
			-o | -b | --output | --buffer-size | --format | --report-file) ((i++)) ;;
			-*) ;;
			=) ((i++)) ;;
			*)
				_giltrace_command "$i"
				return
				;;
			esac
		done
	fi

	[[ $current == = ]] && current=
	[[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}
	case $previous in
	--format) _giltrace_words "text json" "$current" ;;
	-f)
		if [[ $command == report ]]; then
			_giltrace_words "text json" "$current"
		fi
		;;
	--report-file) _giltrace_paths f "$current" ;;
	-b | --buffer-size) _giltrace_words "16M 64M 256M 1G" "$current" ;;
	-o | --output)
		if [[ $command == report ]]; then
			_giltrace_paths f "$current"
		else
			_giltrace_paths d "$current"
		fi
		;;
	*)
		if [[ $current == -* ]]; then
			_giltrace_words "$options" "$current"
		elif [[ $command == report ]]; then
			_giltrace_paths d "$current"
		else
			_giltrace_command "$COMP_CWORD"
		fi
		;;
	esac
}

complete -F _giltrace giltrace
