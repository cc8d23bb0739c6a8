namespace PluginHost.Cli;

/// <summary>The scripts by shell. Each asks the program, which answers the directive <c>[suggest:position]</c> with one word a line.</summary>
internal static class CompletionScripts
{
    private const string Bash =
        """
        _pluginhost() {
          local program=${COMP_WORDS[0]} IFS=$'\n'
          local line=${COMP_LINE:${#program}+1} position=$((COMP_POINT - ${#program} - 1))
          COMPREPLY=($(compgen -W "$("$program" "[suggest:$position]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _pluginhost pluginhost
        """;

    private const string Zsh =
        """
        #compdef pluginhost
        _pluginhost() {
          local line="${(j: :)words[2,CURRENT]}"
          compadd -- "${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}"
        }
        compdef _pluginhost pluginhost
        """;

    private const string Fish =
        """
        function __pluginhost_complete
          set -l line (commandline -cp | string replace -r '^\S+\s?' '')
          pluginhost "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c pluginhost -f -a '(__pluginhost_complete)'
        """;

    private const string PowerShell =
        """
        Register-ArgumentCompleter -Native -CommandName pluginhost -ScriptBlock {
          param($word, $ast, $position)
          $line = "$ast".PadRight($position).Substring(0, $position) -replace '^\S+\s?', ''
          pluginhost "[suggest:$($line.Length)]" "$line" | Where-Object { $_ -like "$word*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static IReadOnlyDictionary<string, string> All { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["pwsh"] = PowerShell };
}
