using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Plugins.Catalog;
using Spectre.Console;

namespace PluginHost.Cli;

/// <summary>Writes plugins in full with tables, for terminals.</summary>
internal static class PluginsTable
{
    public static void Write(IReadOnlyList<PluginDescriptor> plugins)
    {
        foreach (var plugin in plugins)
        {
            var kinds = PluginKind.Describe(plugin.Kinds);
            AnsiConsole.MarkupLineInterpolated($"[bold]{plugin.Name}[/] {plugin.Version}  {kinds}  [grey]SDK {plugin.SdkVersion}[/]");
            AnsiConsole.MarkupLineInterpolated($"[grey]{plugin.File}[/]");
            foreach (var (name, hash) in PluginFiles.Hash(plugin.Folder)) AnsiConsole.MarkupLineInterpolated($"[grey]{hash}  {name}[/]");
            if (plugin.Summary is not null) AnsiConsole.WriteLine(plugin.Summary);
            if (plugin.Options.Members.Count > 0) AnsiConsole.Write(CreateOptionTable(plugin));
            AnsiConsole.WriteLine();
        }
    }

    private static Table CreateOptionTable(PluginDescriptor plugin)
    {
        var table = new Table().RoundedBorder().AddColumns("Option", "Type", "Default", "Meaning");
        foreach (var option in OptionRow.From(plugin.Options))
        {
            table.AddRow(
                Markup.Escape(option.Name),
                Markup.Escape(option.Type),
                option.Default is null ? "[yellow]required[/]" : Markup.Escape(option.Default),
                Markup.Escape(option.Summary ?? ""));
        }

        return table;
    }
}
