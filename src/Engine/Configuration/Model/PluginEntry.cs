using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>One configured plugin instance: an entry of a chain, the session store, or a chat client.</summary>
internal sealed record PluginEntry : Settings
{
    /// <summary>The plugin's registered name.</summary>
    [Required]
    public required string Plugin { get; init; } = "";

    /// <summary>The entry's name, needed when a plugin is in one chain twice; the plugin's unless set.</summary>
    [RegularExpression(AgentNames.Pattern, ErrorMessage = AgentNames.Allowed)]
    public string Name { get => string.IsNullOrEmpty(field) ? Plugin : field; init; }

    /// <summary>How the host treats the plugin.</summary>
    public EntrySettings Host { get; init; } = new();

    /// <summary>The plugin's options, still unbound.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;

    /// <summary>The position in the chain, from 0.</summary>
    public int Index { get; internal init; }

    /// <summary>Identity: the plugin's name, with the entry's when it has another one.</summary>
    public string SourceId => Name == Plugin ? Plugin : $"{Plugin}/{Name}";
}

/// <summary>Defaults for the entries of one plugin, in the <c>Plugins</c> section.</summary>
internal sealed record PluginDefaults : Settings
{
    /// <summary>How the host treats the plugin where an entry does not say it.</summary>
    public EntrySettings Host { get; init; } = new();

    /// <summary>Options of the plugin for entries that do not set them, still unbound.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;
}
