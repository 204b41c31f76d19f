/*
 * Completion for fish: one line an option. Conditions are functions of the script's own, because
 * fish's __fish_seen_subcommand_from takes an argument for a command.
 */
#include "analyzer/commands/command_list.h"
#include "analyzer/commands/completion.h"

/* Inside '...' fish knows \' and \\. */
static void write_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void write_option(FILE *out, const struct command *command, const struct option_text *option)
{
    fprintf(out, "complete -c profinject -n '__profinject_in %s' -l %s", command->name,
            option->name);
    if (option->letter != '\0')
        fprintf(out, " -s %c", option->letter);
    switch (completion_value_of(option)) {
    case COMPLETE_WORDS:
        fputs(" -xa '", out);
        completion_words(out, option->values);
        fputc('\'', out);
        break;
    case COMPLETE_FILES:
        fputs(" -rF", out);
        break;
    case COMPLETE_DIRECTORIES:
        fputs(" -xa '(__fish_complete_directories)'", out);
        break;
    case COMPLETE_NOTHING:
        fputs(option->metavar != NULL ? " -x" : "", out);
        break;
    }
    fputs(" -d ", out);
    write_quoted(out, option->meaning);
    fputc('\n', out);
}

/* Options of `record` that take a value: what follows is no program. */
static void write_valued(FILE *out)
{
    for (const struct option_text *option = completion_options(&command_record);
         option->name != NULL; option++)
        if (option->metavar != NULL) {
            fprintf(out, " --%s", option->name);
            if (option->letter != '\0')
                fprintf(out, " -%c", option->letter);
        }
}

static void write_operand(FILE *out, const struct command *command)
{
    static const char *const operands[] = {
        [OPERAND_RECORDINGS] = "-F",
        [OPERAND_PROGRAM] = "-xa '(__fish_complete_command)'",
        [OPERAND_PID] = "-xa '(__profinject_pids)'",
        [OPERAND_FILE] = "-F",
        [OPERAND_SHELL] = "-xa 'bash zsh fish'",
        [OPERAND_NOTHING] = "-f",
    };

    fprintf(out, "complete -c profinject -n '__profinject_in %s' %s\n", command->name,
            operands[command->operand]);
}

static const char functions[] =
    "function __profinject_first\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "# True inside the command line of a command, but not behind a program to record.\n"
    "function __profinject_in\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -gt 1; and test \"$words[2]\" = $argv[1]; or return 1\n"
    "    test $argv[1] = record; or return 0\n"
    "    not __profinject_program >/dev/null\n"
    "end\n"
    "\n"
    "# Prints the number of the word that is the program to record.\n"
    "function __profinject_program\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -gt 1; and test \"$words[2]\" = record; or return 1\n"
    "    set -l i 3\n"
    "    while test $i -le (count $words)\n"
    "        if test \"$words[$i]\" = --\n"
    "            test (count $words) -gt $i; and echo (math $i + 1); and return 0\n"
    "            return 1\n"
    "        end\n"
    "        if not string match -q -- '-*' $words[$i]\n"
    "            echo $i\n"
    "            return 0\n"
    "        end\n"
    "        contains -- $words[$i] $__profinject_valued; and set i (math $i + 1)\n"
    "        set i (math $i + 1)\n"
    "    end\n"
    "    return 1\n"
    "end\n"
    "\n"
    "# What fish completes for the program's own command line.\n"
    "function __profinject_subcommand\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l first (__profinject_program)\n"
    "    complete -C \"$words[$first..-1]\"\n"
    "end\n"
    "\n"
    "function __profinject_pids\n"
    "    for maps in (grep -ls libprofinject.so /proc/*/maps 2>/dev/null)\n"
    "        set -l pid (string replace -rf '/proc/(\\d+)/maps' '$1' $maps); or continue\n"
    "        printf '%s\\t%s\\n' $pid (cat /proc/$pid/comm 2>/dev/null)\n"
    "    end\n"
    "end\n"
    "\n"
    "complete -c profinject -f\n"
    "complete -c profinject -n __profinject_first -l help -d 'the commands'\n"
    "complete -c profinject -n __profinject_first -l version -d 'which this is'\n"
    "complete -c profinject -n '__profinject_program >/dev/null' -xa '(__profinject_subcommand)'\n";

void completion_fish(FILE *out)
{
    fputs("# Completion of profinject for fish, made by `profinject completion fish`.\n"
          "set -g __profinject_valued",
          out);
    write_valued(out);
    fprintf(out, "\n\n%s", functions);
    for (size_t i = 0; command_list[i] != NULL; i++) {
        const struct command *command = command_list[i];
        fprintf(out, "complete -c profinject -n __profinject_first -a %s -d ", command->name);
        write_quoted(out, command->summary);
        fputc('\n', out);
        for (const struct option_text *option = completion_options(command); option->name != NULL;
             option++)
            write_option(out, command, option);
        write_operand(out, command);
    }
}
