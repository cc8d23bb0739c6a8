using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// Prepares the sections of entries and models for reading: brings them into the new form, and puts the defaults of the
/// <c>Plugins</c> section under them.
/// </summary>
internal sealed class EntryReader(OptionsSection root, List<ConfigurationError> errors)
{
    private static readonly string[] ModelSettings =
        [.. Settings.From(typeof(ModelConfiguration)).Select(p => p.Name).Except([nameof(ModelConfiguration.Host), nameof(ModelConfiguration.Options)])];

    private readonly Dictionary<string, string> _old = [];

    /// <summary>One warning about all sections in the old form; null when there are none.</summary>
    public ConfigurationError? Warning => _old.Count == 0 ? null : new(
        _old.Keys.First(),
        $"Settings of the host and options of the plugin are in one object.{(_old.Count > 1 ? $" Also in {string.Join(", ", _old.Keys.Skip(1))}." : "")}",
        $"This form is read until 1.0. Write {_old.Values.First()}.");

    /// <summary>Prepares a section that is read into a record; others are left as they are.</summary>
    public OptionsSection Prepare(Type settings, OptionsSection section) =>
        settings == typeof(PluginEntry) ? PrepareEntry(section) :
        settings == typeof(PluginDefaults) ? Note(section.Path, SplitDefaults(section)).Join() :
        settings == typeof(ModelConfiguration) ? PrepareModel(section) : section;

    private OptionsSection PrepareEntry(OptionsSection section) => AddDefaults(
        section.Json[nameof(PluginEntry.Plugin)],
        Note(section.Path, EntryForm.Split(section, nameof(PluginEntry.Plugin), nameof(PluginEntry.Name))));

    private OptionsSection PrepareModel(OptionsSection section)
    {
        var form = EntryForm.SplitModel(section, ModelSettings);
        var client = section.Json[nameof(ModelConfiguration.Client)];
        var isBuiltIn = client is null || NameIn(client) is not { } name || ModelConfiguration.BuiltInClients.Contains(name, StringComparer.OrdinalIgnoreCase);
        return isBuiltIn ? form.Join() : AddDefaults(client, Note(section.Path, form));
    }

    private OptionsSection AddDefaults(JsonNode? plugin, EntryForm form)
    {
        if (NameIn(plugin) is not { } name || root.Json[nameof(HostConfiguration.Plugins)] is not JsonObject plugins || plugins[name] is not JsonObject defaults)
            return form.Join();
        return form.Over(SplitDefaults(new($"{nameof(HostConfiguration.Plugins)}:{name}", defaults, root.TextPaths))).Join();
    }

    private EntryForm SplitDefaults(OptionsSection section)
    {
        var form = EntryForm.Split(section, nameof(PluginEntry.Plugin), nameof(PluginEntry.Name));
        foreach (var name in form.Section.Json.Select(m => m.Key).Where(IsOfOneEntry).ToList())
        {
            errors.Add(new(section.PathOf(name), $"'{name}' belongs to one entry and has no default.", "Write it in the entry."));
            form.Section.Json.Remove(name);
        }

        return form;
    }

    private EntryForm Note(string path, EntryForm form)
    {
        if (form.IsOld) _old.TryAdd(path, form.Shown);
        return form;
    }

    private static bool IsOfOneEntry(string name) =>
        name.Equals(nameof(PluginEntry.Plugin), StringComparison.OrdinalIgnoreCase) || name.Equals(nameof(PluginEntry.Name), StringComparison.OrdinalIgnoreCase);

    private static string? NameIn(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? name) ? name : null;
}
