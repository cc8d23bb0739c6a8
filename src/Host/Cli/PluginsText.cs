using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli;

/// <summary>Writes plugins as plain text, for files and pipes.</summary>
internal static class PluginsText
{
    /// <summary>Writes one line a plugin.</summary>
    public static void WriteList(TextWriter writer, IReadOnlyList<PluginDescriptor> plugins)
    {
        if (plugins.Count == 0)
        {
            writer.WriteLine("There are no plugins.");
            return;
        }

        var (names, versions) = (plugins.Max(p => p.Name.Length), plugins.Max(p => p.Version.Length));
        foreach (var plugin in plugins)
            writer.WriteLine($"{plugin.Name.PadRight(names)}  {plugin.Version.PadRight(versions)}  {PluginKind.Describe(plugin.Kinds)}");
        writer.WriteLine();
        writer.WriteLine("'plugins NAME' shows the options and files of one.");
    }

    /// <summary>Writes plugins in full.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<PluginDescriptor> plugins)
    {
        foreach (var plugin in plugins)
        {
            writer.WriteLine($"{plugin.Name} {plugin.Version} ({PluginKind.Describe(plugin.Kinds)}, SDK {plugin.SdkVersion})");
            writer.WriteLine($"  {plugin.File}");
            foreach (var (name, hash) in PluginFiles.Hash(plugin.Folder)) writer.WriteLine($"  {hash}  {name}");
            if (plugin.Summary is not null) writer.WriteLine($"  {plugin.Summary}");
            foreach (var option in OptionRow.From(plugin.Options))
            {
                var defaultText = option.Default is null ? "required" : $"default {option.Default}";
                writer.WriteLine($"  - {option.Name} ({option.Type}; {defaultText}){(option.Summary is null ? "" : $": {option.Summary}")}");
            }

            writer.WriteLine();
        }
    }
}
