using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.InForce;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native;

/// <summary>Shows the configuration that serves: its file, its values with where they come from, and its chains. Secrets are hidden.</summary>
internal sealed class ConfigurationView(HostRuntime runtime)
{
    private static readonly OptionType HostSettings = OptionsModel.ReadSettings(typeof(EntrySettings));

    private readonly LoadResult _loaded = runtime.Setup.Loaded;

    public ConfigurationResource Read()
    {
        var rows = _loaded.Root is { } root ? SettingRows.From(root, runtime.FindOptions) : [];
        var values = rows.Select(Show).ToList();
        var serving = runtime.Generations is [{ } newest, ..] ? newest : null;
        return new ConfigurationResource(
            "configuration",
            serving?.Number,
            _loaded.Text is { } text ? [Show(text, rows)] : [],
            [.. values.Where(v => v.Source.Kind is "environment" or "command_line")],
            values,
            [.. runtime.Setup.Warnings.Select(w => w.ToString())],
            serving?.Settings.NeedRestart ?? []);
    }

    /// <param name="chain">The chain as it was built, with what the host added.</param>
    /// <param name="isForAdmins">Whether options and counts are shown.</param>
    public AgentResource Read(Chain chain, bool isForAdmins)
    {
        var model = chain.Agent.Model;
        return new AgentResource(
            chain.Agent.Name,
            "agent",
            new AgentModelResource(model.Client, model.Model)
            {
                Options = isForAdmins && runtime.FindOptions(model.Client) is { } type ? [.. SettingRows.From(type, model.Options, isOption: model.Plugin is not null).Select(Show)] : null,
            },
            [.. chain.Plugins.Select(p => Read(p, isForAdmins))]);
    }

    private ChainEntryResource Read(PluginInstance plugin, bool isForAdmins)
    {
        var entry = plugin.Entry;
        var shown = new ChainEntryResource(entry.Plugin, entry.Name, PluginKind.Describe(plugin.Kinds), plugin.Version) { Added = plugin.Descriptor is null && entry.Index < 0 ? true : null };
        return !isForAdmins ? shown : shown with
        {
            Host = [.. SettingRows.From(HostSettings, entry.Host.Section).Where(r => r.WrittenAt is not null || Applies(r.Path, plugin)).Select(Show)],
            Options = [.. SettingRows.From(plugin.Descriptor?.Options ?? OptionType.NoOptions, entry.Options, isOption: true).Select(Show)],
            Calls = CallsResource.From(plugin.Calls),
        };
    }

    private static bool Applies(string setting, PluginInstance plugin) => plugin.History is not null || !EntrySettings.ForHistories.Contains(setting);

    private SettingResource Show(SettingRow row) => SettingResource.From(row, _loaded.Text);

    private static ConfigurationFileResource Show(ConfigurationText text, IReadOnlyList<SettingRow> rows)
    {
        var hidden = rows.Where(r => r.IsHidden).Select(r => r.WrittenAt!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new(text.File, IsChanged(text), text.HideSecrets((path, given) => hidden.Contains(path) || SecretText.Is(path[(path.LastIndexOf(':') + 1)..], given.Trim('"'))));
    }

    private static bool IsChanged(ConfigurationText text)
    {
        try
        {
            return File.ReadAllText(text.File) != text.Text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
