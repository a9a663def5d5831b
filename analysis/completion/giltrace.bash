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
	local commands="run record top metrics report export check diff doctor help"
	local recording="--output --force --buffer-size --no-burst --no-children --no-sites --quiet"
	recording+=" --shared-buffers --stack-over --stack-signal --unanswered-over --help --usage"
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options i

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_giltrace_words "$commands --help --version" "$current"
		return
	fi
	case $command in
	run) options="$recording --format --report-file" ;;
	record) options="$recording --attach --pid --duration" ;;
	metrics) options="--attach --delay --iterations --listen --no-children --output --help --usage" ;;
	top) options="--attach --batch --delay --iterations --no-children --output --help --usage" ;;
	diff) options="--format --output --help --usage" ;;
	export) options="--format --output --weight --table --region --help --usage" ;;
	report) options="--format --output --region --each-region --help --usage" ;;
	check)
		options="$recording --config --repeat --baseline --update-baseline --any-machine"
		options+=" --format --suggest"
		;;
	doctor) options="--pid --help --usage" ;;
	help)
		_giltrace_words "$commands" "$current"
		return
		;;
	*) return ;;
	esac

	# The first word that is neither an option nor the argument of one begins COMMAND.
	if [[ $command != report && $command != export && $command != diff ]]; then
		# Without --, what check is given are traces.
		for ((i = 2; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			--)
				_giltrace_command $((i + 1))
				return
				;;
			-o | -b | --output | --buffer-size | --format | --report-file | --pid | --duration | \
				--stack-over | --stack-signal | --unanswered-over | -c | -n | --config | \
				--repeat | --baseline | -a | --attach | -d | --delay | --iterations | --listen)
				# Of record --attach has no argument.
				[[ $command == record && ${COMP_WORDS[i]} == --attach ]] && continue
				((i++))
				;;
			-*) ;;
			=) ((i++)) ;;
			*)
				[[ $command == check ]] && continue
				_giltrace_command "$i"
				return
				;;
			esac
		done
	fi

	[[ $current == = ]] && current=
	[[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}
	case $previous in
	-w | --weight) _giltrace_words "held blocked waited" "$current" ;;
	--table)
		_giltrace_words "processes gils threads sites holds waits drop_requests handoffs regions blame" \
			"$current"
		;;
	--format)
		if [[ $command == export ]]; then
			_giltrace_words "perfetto firefox folded csv sqlite" "$current"
		elif [[ $command == check ]]; then
			_giltrace_words "text json junit markdown github gitlab" "$current"
		elif [[ $command == diff ]]; then
			_giltrace_words "text json" "$current"
		else
			_giltrace_words "text json html" "$current"
		fi
		;;
	-c | --config | --baseline) _giltrace_paths f "$current" ;;
	-n | --repeat | --iterations) _giltrace_words "3 5 10" "$current" ;;
	-d | --delay) _giltrace_words "500ms 1s 5s" "$current" ;;
	-f)
		if [[ $command == export ]]; then
			_giltrace_words "perfetto firefox folded csv sqlite" "$current"
		elif [[ $command == report ]]; then
			_giltrace_words "text json html" "$current"
		elif [[ $command == diff ]]; then
			_giltrace_words "text json" "$current"
		fi
		;;
	-r | --region) ;; # a name that the program made up
	--report-file) _giltrace_paths f "$current" ;;
	-a | --pid | --attach)
		if [[ $command == record && $previous != --pid ]]; then
			_giltrace_words "$options" "$current"
			return
		fi
		_giltrace_words "$(ps -u "$(id -u)" -o pid=)" "$current"
		;;
	--duration) _giltrace_words "500ms 10s 1m 10m 1h" "$current" ;;
	-b | --buffer-size) _giltrace_words "4M 16M 64M 256M" "$current" ;;
	--stack-over) _giltrace_words "0 1ms 10ms 100ms" "$current" ;;
	--stack-signal) _giltrace_words "URG" "$current" ;;
	--unanswered-over) _giltrace_words "0 20ms 100ms" "$current" ;;
	-o | --output)
		if [[ $command == report || $command == export || $command == diff || $command == top || $command == metrics ]]; then
			_giltrace_paths f "$current"
		else
			_giltrace_paths d "$current"
		fi
		;;
	*)
		if [[ $current == -* ]]; then
			_giltrace_words "$options" "$current"
		elif [[ $command == report || $command == export ]]; then
			_giltrace_paths d "$current"
		elif [[ $command == check || $command == diff ]]; then
			_giltrace_paths f "$current"
		else
			_giltrace_command "$COMP_CWORD"
		fi
		;;
	esac
}

complete -F _giltrace giltrace
