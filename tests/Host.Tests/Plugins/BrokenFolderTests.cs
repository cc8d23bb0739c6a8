using static PluginHost.Tests.Plugins.PluginCompiler;

namespace PluginHost.Tests.Plugins;

public sealed class BrokenFolderTests : IDisposable
{
    private readonly PluginFixture _fixture = new("GoodPlugin");

    public void Dispose() => _fixture.Dispose();

    /// <summary>A folder for each way to be broken.</summary>
    private void BreakEverything()
    {
        foreach (var plugin in new[] { "EmptyPlugin", "MissingDependencyPlugin", "NewerSdkPlugin", "Library1Plugin" }) _fixture.Add(plugin);
        Directory.CreateDirectory(Path.Combine(_fixture.PluginFolder, "NoAssembly"));
        _fixture.Write("plugins/NoDotNet/NoDotNet.dll", "This is text.");
        var whole = File.ReadAllBytes(Path.Combine(RepositoryFiles.FixtureOutput("GoodPlugin"), "GoodPlugin.dll"));
        Directory.CreateDirectory(Path.Combine(_fixture.PluginFolder, "HalfWritten"));
        File.WriteAllBytes(Path.Combine(_fixture.PluginFolder, "HalfWritten", "HalfWritten.dll"), whole[..(whole.Length / 2)]);
        File.WriteAllBytes(Path.Combine(_fixture.PluginFolder, "Library1Plugin", "FixtureLibrary.dll"), whole[..1000]);
        var classSource = $$"""public sealed class Part : IContextProvider { {{Provides}} }""";
        _fixture.Compile("WrongAttribute", """[assembly: Plugin("wrong-attribute", null!)]""");
        _fixture.Compile("WrongConstructor", $$"""[assembly: Plugin("wrong-constructor", typeof(Part))] public sealed class Part(int number) : IContextProvider { public int Number => number; {{Provides}} }""");
        _fixture.Compile("WrongOption", $$"""[assembly: Plugin("wrong-option", typeof(Part), Options = typeof(O))] public sealed record O(Version? V = null); public sealed class Part(O o) : IContextProvider { public O O => o; {{Provides}} }""");
        CompileOn("NewerShared", "Microsoft.Extensions.DependencyInjection.Abstractions", classSource);
        CompileOn("NewerFramework", "System.Xml.Linq", classSource);
    }

    /// <summary>A plugin that was built on a much newer version of an assembly of the host's.</summary>
    private void CompileOn(string folder, string assembly, string classSource)
    {
        using var stubs = new TemporaryFolder();
        var stub = PluginCompiler.Compile(stubs.Path, "stub", """[assembly: System.Reflection.AssemblyVersion("99.0.0.0")] namespace Stub { public class Newer; }""", assembly);
        _fixture.Compile(folder, $$"""[assembly: Plugin("{{folder.ToLowerInvariant()}}", typeof(Part))] public class Uses : Stub.Newer; {{classSource}}""", references: stub);
    }

    [Fact]
    public void Every_broken_folder_is_reported_at_once_with_its_cure()
    {
        BreakEverything();

        var errors = _fixture.LoadChain("""{ "Plugin": "not-there" }""").Errors.Select(e => e.ToString()).ToList();

        (string Folder, string Message, string Cure)[] expected =
        [
            ("EmptyPlugin", "registers no plugin.", "[assembly: Plugin(\"name\", typeof(MyPlugin))]"),
            ("MissingDependencyPlugin", "needs FixtureLibrary 1.0.0, which is not in the plugin's folder", "put FixtureLibrary.dll beside"),
            ("NewerSdkPlugin", "was built on PluginHost.Sdk 99.1.0, and this host has", "or use a host of version 99"),
            ("NoAssembly", "holds no NoAssembly.dll", "or remove the folder"),
            ("NoDotNet", "is not a .NET assembly.", "dotnet publish"),
            ("HalfWritten", "is not a .NET assembly.", "dotnet publish"),
            ("Library1Plugin", "FixtureLibrary.dll is not a .NET assembly.", "dotnet publish"),
            ("WrongAttribute", "its registration names no class.", "typeof(MyPlugin)"),
            ("WrongConstructor", "has no public constructor that the host can call", "(PluginContext context)"),
            ("WrongOption", "its option 'V' has the type Version, which cannot be configured.", "Supported are"),
            ("NewerShared", "needs Microsoft.Extensions.DependencyInjection.Abstractions 99.0.0, which the host shares with all plugins as", "Update the host"),
            ("NewerFramework", "needs System.Xml.Linq 99.0.0, and this host runs on .NET", "Build the plugin for this .NET"),
        ];
        Assert.All(expected, e => Assert.Contains(errors, text =>
            text.Contains($"plugins/{e.Folder}", StringComparison.Ordinal) && text.Contains(e.Message, StringComparison.Ordinal) && text.Contains(e.Cure, StringComparison.Ordinal)));
        Assert.Contains(errors, e => e.StartsWith("Agents:a:Chain:0: There is no plugin 'not-there'.", StringComparison.Ordinal));
        Assert.Equal(expected.Length + 1, errors.Count);
    }

    [Fact]
    public void What_no_entry_needs_is_set_aside_with_a_warning()
    {
        BreakEverything();

        var setup = _fixture.LoadChain("""{ "Plugin": "good-guard" }""");

        Assert.Empty(setup.Errors);
        Assert.NotNull(setup.Configuration);
        Assert.Equal(12, setup.Warnings.Count(w => w.Message.EndsWith(" Nothing uses it, so it is set aside.", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_no_entry_needs_is_set_aside_when_defaults_spell_a_name_in_other_case()
    {
        _fixture.Write("plugins/NoDotNet/NoDotNet.dll", "This is text.");

        Assert.Empty(_fixture.Load("""{ "Agents": { "a": {} }, "Plugins": { "GOOD-guard": {} } }""").Errors);
    }

    [Fact]
    public void A_name_that_two_folders_have_is_an_error_only_where_it_is_used()
    {
        _fixture.Add("SlowPlugin");
        _fixture.Compile("Slow2", $$"""[assembly: Plugin("slow", typeof(Part))] public sealed class Part : IContextProvider { {{Provides}} }""");

        Assert.Empty(_fixture.LoadChain("""{ "Plugin": "good-guard" }""").Errors);
        Assert.Contains("Plugin 'slow' is defined twice", Assert.Single(_fixture.LoadChain("""{ "Plugin": "slow" }""").Errors).ToString(), StringComparison.Ordinal);
        Assert.Contains("defined twice", Assert.Single(_fixture.Load("""{ "Agents": { "a": {} }, "Plugins": { "slow": {} } }""").Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_one_clear_error()
    {
        var whole = File.ReadAllBytes(Path.Combine(RepositoryFiles.FixtureOutput("SlowPlugin"), "SlowPlugin.dll"));
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_fixture.PluginFolder, "SlowPlugin")).FullName, "SlowPlugin.dll");
        for (var length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(file, whole[..length]);

            var error = Assert.Single(_fixture.Discover().Errors);

            Assert.Equal((file, "SlowPlugin.dll is not a .NET assembly."), (error.Path, error.Message));
        }
    }
}
