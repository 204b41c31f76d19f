/*
 * Completion for bash, 4 and later: what changes from command to command is three `case`
 * statements, the rest is fixed text. Uses _command_offset of bash-completion where it is there.
 */
#include "analyzer/commands/command_list.h"
#include "analyzer/commands/completion.h"

#include <stdbool.h>

/* Words are those of COMP_WORDS, in which bash puts '=' apart. */
static const char before[] =
    "# Completion of profinject for bash, made by `profinject completion bash`.\n"
    "\n"
    "_profinject()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local command=${COMP_WORDS[1]} options='' valued='' operand='' values='' i\n"
    "\n"
    "    COMPREPLY=()\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=\n"
    "    elif [ \"$option\" = = ]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static const char behind[] =
    "    # Where what is no option begins; '--' may stand before it.\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        --) i=$((i + 1)) && break ;;\n"
    "        -*) case \" $valued \" in *\" ${COMP_WORDS[i]} \"*)\n"
    "                [ \"${COMP_WORDS[i+1]}\" != = ] || i=$((i + 1))\n"
    "                i=$((i + 1)) ;;\n"
    "            esac ;;\n"
    "        *) [ \"$operand\" != program ] || break ;;\n"
    "        esac\n"
    "    done\n"
    "    if ((i == COMP_CWORD)) && [ \"$option\" != -- ] && [[ $word == -* ]]; then\n"
    "        values=$options\n"
    "    elif ((i > COMP_CWORD)) && [ \"$option\" != -- ]; then\n"
    "        case \"$command $option\" in\n";

static const char operands[] =
    "        *) return ;; # a value that nobody knows beforehand\n"
    "        esac\n"
    "    else\n"
    "        case $operand in\n"
    "        program)\n"
    "            if [ \"$(type -t _command_offset)\" = function ]; then\n"
    "                _command_offset \"$i\"\n"
    "                return\n"
    "            fi\n"
    "            values=:files\n"
    "            ((i < COMP_CWORD)) || values=:commands ;;\n"
    "        pid)\n"
    "            values=$(grep -ls libprofinject.so /proc/[0-9]*/maps 2>/dev/null |\n"
    "                tr -dc '0-9\\n' | tr '\\n' ' ') ;;\n"
    "        shell) values='bash zsh fish' ;;\n"
    "        nothing) return ;;\n"
    "        *) values=:files ;;\n"
    "        esac\n"
    "    fi\n"
    "    case $values in\n"
    "    :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
    "    :directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\") "
    ";;\n"
    "    :commands) mapfile -t COMPREPLY < <(compgen -c -- \"$word\") ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$word\") ;;\n"
    "    esac\n"
    "}\n"
    "complete -F _profinject profinject\n";

/* `options` and `valued`, those of them with a value. */
static void write_options(FILE *out, const struct command *command, bool valued)
{
    const char *gap = "";

    for (const struct option_text *option = completion_options(command); option->name != NULL;
         option++) {
        if (valued && option->metavar == NULL)
            continue;
        fprintf(out, "%s--%s", gap, option->name);
        if (option->letter != '\0')
            fprintf(out, " -%c", option->letter);
        gap = " ";
    }
}

static void write_command(FILE *out, const struct command *command)
{
    static const char *const names[] = {
        [OPERAND_RECORDINGS] = "recordings",
        [OPERAND_PROGRAM] = "program",
        [OPERAND_PID] = "pid",
        [OPERAND_FILE] = "file",
        [OPERAND_SHELL] = "shell",
        [OPERAND_NOTHING] = "nothing",
    };

    fprintf(out, "    %s)\n        options='", command->name);
    write_options(out, command, false);
    fputs("'\n        valued='", out);
    write_options(out, command, true);
    fprintf(out, "'\n        operand='%s' ;;\n", names[command->operand]);
}

static void write_values(FILE *out, const struct command *command)
{
    for (const struct option_text *option = completion_options(command); option->name != NULL;
         option++) {
        enum completion_value value = completion_value_of(option);
        if (value == COMPLETE_NOTHING)
            continue;
        fprintf(out, "        '%s --%s'", command->name, option->name);
        if (option->letter != '\0')
            fprintf(out, " | '%s -%c'", command->name, option->letter);
        fputs(") values='", out);
        if (value == COMPLETE_WORDS)
            completion_words(out, option->values);
        else
            fputs(value == COMPLETE_FILES ? ":files" : ":directories", out);
        fputs("' ;;\n", out);
    }
}

void completion_bash(FILE *out)
{
    fputs(before, out);
    fputs("    if ((COMP_CWORD == 1)); then\n        mapfile -t COMPREPLY < <(compgen -W '", out);
    for (size_t i = 0; command_list[i] != NULL; i++)
        fprintf(out, "%s ", command_list[i]->name);
    fputs("--help --version' -- \"$word\")\n        return\n    fi\n    case $command in\n", out);
    for (size_t i = 0; command_list[i] != NULL; i++)
        write_command(out, command_list[i]);
    fputs("    *) return ;;\n    esac\n", out);
    fputs(behind, out);
    for (size_t i = 0; command_list[i] != NULL; i++)
        write_values(out, command_list[i]);
    fputs(operands, out);
}
