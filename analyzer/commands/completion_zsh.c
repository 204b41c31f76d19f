/*
 * Completion for zsh: a call of _arguments for each command, in which a specification holds an
 * option with its meaning.
 */
#include "analyzer/commands/command_list.h"
#include "analyzer/commands/completion.h"

#include <string.h>

/* Text inside '...' where `special` characters need a backslash. */
static void write_quoted(FILE *out, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\'", out);
        else if (strchr(special, *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void write_value(FILE *out, const struct option_text *option)
{
    fputc(':', out);
    write_quoted(out, option->metavar, ":\\");
    fputc(':', out);
    switch (completion_value_of(option)) {
    case COMPLETE_WORDS:
        fputc('(', out);
        completion_words(out, option->values);
        fputc(')', out);
        break;
    case COMPLETE_FILES:
        fputs("_files", out);
        break;
    case COMPLETE_DIRECTORIES:
        fputs("_files -/", out);
        break;
    case COMPLETE_NOTHING:
        fputc(' ', out);
        break;
    }
}

static void write_option(FILE *out, const struct option_text *option)
{
    const char *equals = option->metavar != NULL ? "=" : "";

    if (option->letter != '\0')
        fprintf(out, " \\\n            '(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name,
                option->letter, option->metavar != NULL ? "+" : "", option->name, equals);
    else
        fprintf(out, " \\\n            '--%s%s[", option->name, equals);
    write_quoted(out, option->meaning, "[]\\");
    fputc(']', out);
    if (option->metavar != NULL)
        write_value(out, option);
    fputc('\'', out);
}

static void write_command(FILE *out, const struct command *command)
{
    static const char *const operands[] = {
        [OPERAND_RECORDINGS] = "'*:trace or recording:_files'",
        [OPERAND_PROGRAM] = "'(-)1:command: _command_names -e' '*::arguments: _normal'",
        [OPERAND_PID] = "'1:process:($(_profinject_pids))'",
        [OPERAND_FILE] = "'1:file:_files' '*:address: '",
        [OPERAND_SHELL] = "'1:shell:(bash zsh fish)'",
        [OPERAND_NOTHING] = "'*:nothing: '",
    };

    fprintf(out, "    %s)\n        _arguments -s -S", command->name);
    for (const struct option_text *option = completion_options(command); option->name != NULL;
         option++)
        write_option(out, option);
    fprintf(out, " \\\n            %s ;;\n", operands[command->operand]);
}

void completion_zsh(FILE *out)
{
    fputs("#compdef profinject\n"
          "# Completion of profinject for zsh, made by `profinject completion zsh`.\n"
          "\n"
          "_profinject_pids() {\n"
          "    grep -ls libprofinject.so /proc/[0-9]*/maps 2>/dev/null | tr -dc '0-9\\n'\n"
          "}\n"
          "\n"
          "_profinject() {\n"
          "    local curcontext=$curcontext\n"
          "    local -a commands\n"
          "\n"
          "    if ((CURRENT == 2)); then\n"
          "        commands=(\n",
          out);
    for (size_t i = 0; command_list[i] != NULL; i++) {
        fprintf(out, "            '%s:", command_list[i]->name);
        write_quoted(out, command_list[i]->summary, ":\\");
        fputs("'\n", out);
    }
    fputs("            '--help:the commands' '--version:which this is'\n"
          "        )\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    shift words\n"
          "    ((CURRENT--))\n"
          "    case $words[1] in\n",
          out);
    for (size_t i = 0; command_list[i] != NULL; i++)
        write_command(out, command_list[i]);
    /* Sourced it defines itself; found in fpath it is called. */
    fputs("    esac\n"
          "}\n"
          "\n"
          "if [ \"$funcstack[1]\" = _profinject ]; then\n"
          "    _profinject \"$@\"\n"
          "else\n"
          "    compdef _profinject profinject\n"
          "fi\n",
          out);
}
