using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Tests.Plugins;

public sealed class DiscoveryTests
{
    [Fact]
    public void Every_folder_is_discovered_with_all_that_it_registers_and_no_plugin_code_runs()
    {
        using var fixture = new PluginFixture("GoodPlugin", "ThrowingPlugin", "SlowPlugin");

        var catalog = fixture.Discover();

        Assert.Empty(catalog.Errors);
        Assert.Equal(["good-client", "good-context", "good-guard", "good-history", "good-store", "slow", "throwing"], catalog.Plugins.Select(p => p.Name));
        Assert.Equal([PluginKind.History, PluginKind.Context], catalog.Find("good-history")!.Kinds);
        Assert.Equal([PluginKind.SessionStore], catalog.Find("good-store")!.Kinds);
        var plugin = catalog.Find("good-context")!;
        Assert.Equal(Path.Combine(fixture.PluginFolder, "GoodPlugin", "GoodPlugin.dll"), plugin.File);
        Assert.Equal(("1.0.0-rc.1", "1.0.0"), (plugin.Version, plugin.SdkVersion));
        Assert.Equal("A context provider that returns its options as instructions.", plugin.Summary);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), a => a.Location.StartsWith(fixture.Folder, StringComparison.Ordinal));
    }

    [Fact]
    public void Folders_whose_inspection_has_begun_are_discovered_as_they_are_now()
    {
        using var fixture = new PluginFixture("GoodPlugin", "SlowPlugin");
        PluginInspector.InspectAhead(fixture.PluginFolder);
        fixture.Discover();
        PluginInspector.InspectAhead(fixture.PluginFolder);
        Directory.Delete(Path.Combine(fixture.PluginFolder, "GoodPlugin"), recursive: true);
        // Not written over: the inspection may have mapped the file, and a mapped file that is cut ends the process.
        var replaced = Path.Combine(fixture.PluginFolder, "SlowPlugin", "SlowPlugin.dll");
        File.Delete(replaced);
        File.WriteAllText(replaced, "no assembly");

        var catalog = fixture.Discover();

        Assert.Empty(catalog.Plugins);
        Assert.Contains("SlowPlugin.dll", Assert.Single(catalog.Errors).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_that_was_read_stays_when_the_files_change()
    {
        using var fixture = new PluginFixture("SlowPlugin");
        var catalog = fixture.Discover();
        var hash = FolderFiles.Identify(Path.Combine(fixture.PluginFolder, "SlowPlugin"));

        catalog.Identify();
        File.WriteAllText(Path.Combine(fixture.PluginFolder, "SlowPlugin", "added.txt"), "more");

        Assert.Equal(hash, catalog.Find("slow")!.Sha256);
        Assert.NotEqual(hash, fixture.Discover().Find("slow")!.Sha256);
    }

    [Fact]
    public void A_plugin_has_no_hash_of_files_that_came_after_its_inspection()
    {
        using var fixture = new PluginFixture("SlowPlugin");
        var catalog = fixture.Discover();

        File.WriteAllText(Path.Combine(fixture.PluginFolder, "SlowPlugin", "added.txt"), "more");
        catalog.Identify();

        Assert.Equal("", catalog.Find("slow")!.Sha256);
    }

    [Fact]
    public void Options_are_read_with_types_defaults_rules_and_documentation()
    {
        using var fixture = new PluginFixture("GoodPlugin");

        var options = fixture.Discover().Find("good-context")!.Options.Members.ToDictionary(o => o.Name);

        Assert.True(options["Path"].IsRequired);
        Assert.Equal("A path that must be given.", options["Path"].Summary);
        Assert.Equal(("whole number", "1 to 100", 50), (options["Window"].Type.ToString(), options["Window"].Allowed, options["Window"].Default));
        Assert.Equal(5_000_000_000L, options["Big"].Default);
        Assert.Equal(0.5, options["Ratio"].Default);
        Assert.Equal(1.25m, options["Price"].Default);
        Assert.Equal(true, options["Enabled"].Default);
        Assert.Equal(("Fast | Careful", "Careful"), (options["Mode"].Type.ToString(), options["Mode"].Default));
        Assert.Equal("See Mode.", options["Mode"].Summary);
        Assert.Equal(TimeSpan.FromSeconds(30), options["Timeout2"].Default);
        Assert.Equal(("list of text", "at least 1 elements", null), (options["Words"].Type.ToString(), options["Words"].Allowed, options["Words"].Default));
        Assert.Equal("names with text", options["Headers"].Type.ToString());
        Assert.Equal("How often.", options["Retry"].Type.Members[0].Summary);
        Assert.True(options["Retry"].Type.Members[0].IsRequired);
        Assert.Equal("short or long", options["Style"].Allowed);
        Assert.True(options["Limit"].Type.IsNullable);
        Assert.False(options["Limit"].IsRequired);
    }

    [Fact]
    public void A_plugin_whose_documentation_is_broken_has_no_texts_and_no_error()
    {
        using var fixture = new PluginFixture("GoodPlugin");
        fixture.Write("plugins/GoodPlugin/GoodPlugin.xml", "<doc><members>");

        var catalog = fixture.Discover();

        var plugin = catalog.Find("good-context")!;
        Assert.Null(plugin.Summary);
        Assert.All(plugin.Options.Members, o => Assert.Null(o.Summary));
        Assert.Empty(catalog.Errors);
    }

    [Fact]
    public void All_broken_folders_are_reported_together_with_plugin_file_and_cure()
    {
        using var fixture = new PluginFixture("GoodPlugin", "EmptyPlugin", "MissingDependencyPlugin", "NewerSdkPlugin");
        Directory.CreateDirectory(Path.Combine(fixture.PluginFolder, "NoAssembly"));
        fixture.Write("plugins/NoDotNet/NoDotNet.dll", "This is text.");

        var errors = fixture.DiscoveryErrors();

        Assert.Collection(
            errors,
            e => AssertError(e, "EmptyPlugin/EmptyPlugin.dll", "EmptyPlugin.dll registers no plugin.", "[assembly: Plugin("),
            e => AssertError(e, "MissingDependencyPlugin/MissingDependencyPlugin.dll", "needs FixtureLibrary 1.0.0, which is not in the plugin's folder", "put FixtureLibrary.dll beside"),
            e => AssertError(e, "NewerSdkPlugin/NewerSdkPlugin.dll", "NewerSdkPlugin 1.0.0.0 was built on PluginHost.Sdk 99.1.0, and this host has 1.0.0, which is another major version.", "or use a host of version 99"),
            e => AssertError(e, "NoAssembly", "holds no NoAssembly.dll", "or remove the folder"),
            e => AssertError(e, "NoDotNet/NoDotNet.dll", "NoDotNet.dll is not a .NET assembly.", "dotnet publish"));
        Assert.Equal(5, fixture.Discover().Plugins.Count);

        static void AssertError(string error, params string[] parts)
        {
            foreach (var part in parts) Assert.Contains(part, error, StringComparison.Ordinal);
            Assert.DoesNotContain("\n", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_plugin_built_on_a_newer_sdk_is_refused_even_when_it_brings_its_own_copy()
    {
        using var fixture = new PluginFixture("NewerSdkPlugin");
        var copy = Path.Combine(RepositoryFiles.FixtureOutput("FutureSdk"), "PluginHost.Sdk.dll");
        File.Copy(copy, Path.Combine(fixture.PluginFolder, "NewerSdkPlugin", "PluginHost.Sdk.dll"));

        Assert.Contains("was built on PluginHost.Sdk 99.1.0", Assert.Single(fixture.DiscoveryErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_library_that_needs_a_newer_sdk_is_refused_too()
    {
        using var fixture = new PluginFixture("Library1Plugin");
        var folder = Path.Combine(fixture.PluginFolder, "Library1Plugin");
        File.Copy(Path.Combine(RepositoryFiles.FixtureOutput("NewerSdkPlugin"), "NewerSdkPlugin.dll"), Path.Combine(folder, "FixtureLibrary.dll"), overwrite: true);

        var error = Assert.Single(fixture.DiscoveryErrors());

        Assert.Contains("NewerSdkPlugin 1.0.0.0 was built on PluginHost.Sdk 99.1.0", error, StringComparison.Ordinal);
        Assert.Contains("Library1Plugin.dll", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_plugins_of_one_name_are_an_error_that_names_both_files()
    {
        using var fixture = new PluginFixture("SlowPlugin");
        var second = Path.Combine(fixture.Folder, "more");
        fixture.Add("SlowPlugin", second);

        var catalog = PluginCatalog.Discover([fixture.PluginFolder, second]);

        var error = Assert.Single(catalog.Errors).ToString();
        Assert.Contains("Plugin 'slow' is defined twice", error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(second, "SlowPlugin", "SlowPlugin.dll"), error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(fixture.PluginFolder, "SlowPlugin", "SlowPlugin.dll"), error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_of_a_plugins_author_are_found_without_loading_it()
    {
        using var fixture = new PluginFixture("DefectivePlugin");

        var errors = fixture.Discover().Errors.Select(e => e.ToString()).ToList();

        Assert.Contains(errors, e => e.Contains("'no-constructor': DefectivePlugin.NoConstructor has no public constructor that the host can call, or two that fit equally well. Add one: () or (PluginContext context).", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("'no-kind': DefectivePlugin.NoKind implements no plugin interface.", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("'Not A Name': this is not a name for a plugin.", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("'bad-options': its option 'Release' has the type Version, which cannot be configured.", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("its option 'Mail' has the attribute [EmailAddress], which the host cannot check here.", StringComparison.Ordinal));
        Assert.Empty(fixture.Discover().Plugins);
    }

    [Fact]
    public void Hidden_folders_loose_files_and_folders_that_do_not_exist_are_nobodys_plugins()
    {
        using var fixture = new PluginFixture();
        fixture.Write("plugins/.git/HEAD", "");
        fixture.Write("plugins/README.md", "");

        var catalog = PluginCatalog.Discover([fixture.PluginFolder, Path.Combine(fixture.Folder, "nowhere")]);

        Assert.Empty(catalog.Errors);
        Assert.Empty(catalog.Plugins);
    }
}
