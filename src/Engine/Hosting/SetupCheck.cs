using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Hosting;

/// <summary>What a check found.</summary>
/// <param name="Setup">What was read.</param>
/// <param name="Errors">What keeps it from serving.</param>
/// <param name="Changes">What a reload would change.</param>
internal sealed record SetupCheck(HostSetup Setup, IReadOnlyList<ConfigurationError> Errors, SettingChanges Changes);
