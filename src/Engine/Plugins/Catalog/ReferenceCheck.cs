using System.Reflection;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>
/// Follows the references of a plugin through its folder. Refuses, before anything is loaded, what would fail in a run or
/// load as another type.
/// </summary>
/// <param name="folder">The plugin's folder.</param>
/// <param name="errors">Gets what is wrong.</param>
/// <param name="read">Reads a file; null when it is no assembly.</param>
internal sealed class ReferenceCheck(PluginFolder folder, List<ConfigurationError> errors, Func<string, AssemblyFacts?> read)
{
    private readonly HashSet<string> _followed = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds an error for each reference that cannot be resolved.</summary>
    /// <param name="assemblies">Those that the plugin's author wrote: all of their references must be there.</param>
    public void Check(IReadOnlyList<AssemblyFacts> assemblies)
    {
        foreach (var assembly in assemblies) _followed.Add(assembly.Name);
        foreach (var assembly in assemblies) Check(assembly, isPlugin: true);
    }

    private void Check(AssemblyFacts assembly, bool isPlugin)
    {
        // By full name: a library may need a newer version of what the plugin needs too.
        foreach (var reference in assembly.References.Where(r => _seen.Add(r.FullName)))
        {
            if (SharedAssemblies.VersionOf(reference.Name!) is { } shared) CheckShared(assembly, reference, shared);
            else if (folder.Find(reference.Name!) is { } file) Follow(reference.Name!, file);
            else CheckHost(assembly, reference, isPlugin);
        }
    }

    private void CheckShared(AssemblyFacts by, AssemblyName reference, Version host)
    {
        var needed = VersionOf(reference);
        if (reference.Name == SharedAssemblies.Sdk && needed.Major != host.Major)
        {
            errors.Add(PluginErrors.OtherSdkMajor(folder.File, By(by), needed, host));
            return;
        }

        if (needed <= host) return;
        errors.Add(reference.Name == SharedAssemblies.Sdk
            ? PluginErrors.NewerSdk(folder.File, By(by), needed, host)
            : PluginErrors.NewerShared(folder.File, By(by), reference.Name!, needed, host));
    }

    private void Follow(string name, string file)
    {
        if (!_followed.Add(name)) return;
        try
        {
            if (read(file) is { } facts) Check(facts, isPlugin: false);
            else errors.Add(PluginErrors.NotAssembly(folder.Original(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(PluginErrors.Unreadable(folder.Original(file), e.Message));
        }
    }

    private void CheckHost(AssemblyFacts by, AssemblyName reference, bool isPlugin)
    {
        var file = HostAssemblies.Find(reference.Name!);
        if (file is null || !HostAssemblies.IsFramework(file))
        {
            // Libraries may have optional references, which their packages do not bring.
            if (isPlugin || folder.Expects(reference.Name!))
                errors.Add(PluginErrors.MissingDependency(folder.File, By(by), reference.Name!, VersionOf(reference), file is not null));
        }
        else if (HostAssemblies.VersionOf(file) is var host && VersionOf(reference) > host)
        {
            errors.Add(PluginErrors.NewerFramework(folder.File, By(by), reference.Name!, VersionOf(reference), host));
        }
    }

    private static string By(AssemblyFacts assembly) => $"{assembly.Name} {assembly.Version}";

    private static Version VersionOf(AssemblyName name) => name.Version ?? new(0, 0, 0, 0);
}
