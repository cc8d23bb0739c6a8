using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli;

/// <summary>Writes the list of plugins as plain text, for files and pipes.</summary>
internal static class PluginsText
{
    public static void Write(TextWriter writer, IReadOnlyList<PluginDescriptor> plugins)
    {
        if (plugins.Count == 0) writer.WriteLine("There are no plugins.");
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
