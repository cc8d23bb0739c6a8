using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The wording of all errors about plugins: what is wrong, with which plugin and file, and the cure.</summary>
internal static class PluginErrors
{
    public static ConfigurationError NoAssembly(string folder, string file) => new(
        folder,
        $"The plugin folder holds no {Path.GetFileName(file)}.",
        $"Put the plugin's assembly there as {file}, or remove the folder.");

    public static ConfigurationError Unreadable(string file, string reason) => new(
        file,
        $"The plugin's file cannot be read: {reason}",
        "Check the file and its permissions, or remove the plugin's folder.");

    public static ConfigurationError NotAssembly(string file) => new(
        file,
        $"{Path.GetFileName(file)} is not a .NET assembly.",
        "Put the plugin's build output there, all of it (dotnet publish), or remove the plugin's folder.");

    public static ConfigurationError NotCopied(string folder, string reason) => new(
        folder,
        $"The plugin's folder cannot be copied for loading: {reason}",
        "Wait until its files are written completely, and check their permissions and the free space for copies (PluginLoading:Cache).");

    public static ConfigurationError NewerSdk(string file, string by, Version built, Version host) => new(
        file,
        $"{by} was built on PluginHost.Sdk {Short(built)}, and this host has {Short(host)}.",
        $"Update the host to {Short(built)} or later, or build the plugin on {Short(host)}.");

    public static ConfigurationError OtherSdkMajor(string file, string by, Version built, Version host) => new(
        file,
        $"{by} was built on PluginHost.Sdk {Short(built)}, and this host has {Short(host)}, which is another major version.",
        $"Build the plugin on PluginHost.Sdk {Short(host)}, or use a host of version {built.Major}.");

    public static ConfigurationError NewerShared(string file, string by, string assembly, Version built, Version host) => new(
        file,
        $"{by} needs {assembly} {Short(built)}, which the host shares with all plugins as {Short(host)}.",
        $"Update the host, or build the plugin on {assembly} {Short(host)} or earlier.");

    public static ConfigurationError NewerFramework(string file, string by, string assembly, Version built, Version host) => new(
        file,
        $"{by} needs {assembly} {Short(built)}, and this host runs on .NET {Environment.Version}, which has {Short(host)}.",
        "Build the plugin for this .NET or an earlier one, or update the host.");

    public static ConfigurationError MissingDependency(string file, string by, string assembly, Version version, bool hostHasIt) => new(
        file,
        $"{by} needs {assembly} {Short(version)}, which is not in the plugin's folder."
            + (hostHasIt ? " The host's own copy is not shared with plugins." : ""),
        $"Publish the plugin with its dependencies (EnableDynamicLoading), or put {assembly}.dll beside {Path.GetFileName(file)}.");

    public static ConfigurationError NoRegistration(string file) => new(
        file,
        $"{Path.GetFileName(file)} registers no plugin.",
        "Add [assembly: Plugin(\"name\", typeof(MyPlugin))] to it, or remove the folder when it is no plugin.");

    public static ConfigurationError RegisteredTwice(PluginRegistration one, PluginRegistration other) => new(
        one.File,
        one.File == other.File ? $"Plugin '{one.Name}' is registered twice in this file." : $"Plugin '{one.Name}' is registered twice: also in {other.File}.",
        "Remove one of the two, or rename it.");

    public static ConfigurationError Duplicate(PluginDescriptor plugin, PluginDescriptor first) => new(
        plugin.File,
        $"Plugin '{plugin.Name}' is defined twice: also in {first.File}.",
        "Remove one of the two folders, or rename one plugin.");

    /// <summary>A mistake of the plugin's author, mended only by a new build.</summary>
    public static ConfigurationError Defect(string file, string plugin, string message, string cure) =>
        new(file, $"Plugin '{plugin}': {message}", cure);

    /// <summary>A plugin without the report that <c>PluginTrust:ConformanceKeys</c> requires.</summary>
    public static ConfigurationError NotConform(PluginDescriptor plugin, string reason) => new(
        plugin.Folder,
        $"Plugin '{plugin.Name}': {reason}",
        $"Run 'pluginhost conform {plugin.Name} --folder {Path.GetDirectoryName(plugin.Folder)} --sign FILE', or remove PluginTrust:ConformanceKeys.");

    public static ConfigurationError Unknown(string path, string plugin, PluginCatalog catalog)
    {
        var names = catalog.Plugins.Select(p => p.Name).ToList();
        var folders = catalog.Folders.Count == 0 ? "" : $" Plugins are looked for in {string.Join(", ", catalog.Folders)}.";
        return new(path, $"There is no plugin '{plugin}'.{Spelling.DidYouMean(plugin, names)}", $"There are {Spelling.List(names)}.{folders}");
    }

    public static ConfigurationError UnknownClient(string path, string client, IReadOnlyList<string> known) =>
        new(path, $"There is no chat client '{client}'.{Spelling.DidYouMean(client, known)}", $"There are {Spelling.List(known)}.");

    /// <summary>An error of an option, with the plugin that it belongs to.</summary>
    public static ConfigurationError Option(PluginDescriptor plugin, ConfigurationError error) =>
        error with { Message = $"Plugin '{plugin.Name}' ({plugin.File}): {error.Message}" };

    public static ConfigurationError UnknownOption(PluginDescriptor plugin, OptionsSection section, string name)
    {
        var path = section.PathOf(name);
        var setting = EntrySettings.Names.FirstOrDefault(s => s.Equals(name, StringComparison.OrdinalIgnoreCase));
        return Option(plugin, setting is null
            ? Spelling.Unknown(path, name, plugin.Options.Members.Select(m => m.Name))
            : new(path, $"'{name}' is a setting of the host, not an option.", $"Move it to the entry's Host: \"Host\": {{ \"{setting}\": … }}."));
    }

    public static ConfigurationError WrongPlace(string path, PluginDescriptor plugin, PluginPlace place, IEnumerable<string> allowed) => new(
        path,
        $"Plugin '{plugin.Name}' ({plugin.File}) is a {PluginKind.Describe(plugin.Kinds)} and cannot be {place.Role}.",
        $"A {plugin.Kinds[0].Name} belongs in {plugin.Kinds[0].Place.Path}. Allowed here are {Spelling.List(allowed)}.");

    /// <summary>Plugin code threw, or could not be loaded.</summary>
    public static ConfigurationError Failed(string path, string plugin, string? file, string action, Exception exception) => exception is StorageException
        // Its message names cause and cure.
        ? new(path, $"Plugin '{plugin}': {exception.Message}")
        : new(path, $"The {action} of plugin '{plugin}' ({file}) failed: {Describe(exception)}", Cure(action));

    private static string Cure(string action) => action switch
    {
        "load" => "Publish the plugin again with all its dependencies, for this host's .NET and processor.",
        _ => "Check the entry's options and what the message names; with Logging:LogLevel:PluginHost = Debug the log has the details.",
    };

    // One line without a stack trace, with the messages of all inner exceptions.
    private static string Describe(Exception exception)
    {
        var parts = new List<string>();
        for (var e = exception; e is not null; e = e.InnerException)
        {
            var message = e.Message.ReplaceLineEndings(" ").Trim();
            if (!parts.Exists(p => p.Contains(message, StringComparison.Ordinal))) parts.Add($"{e.GetType().Name}: {message}");
        }

        return string.Join(" ← ", parts);
    }

    private static string Short(Version version) => version.Revision > 0 ? version.ToString() : version.ToString(3);
}
