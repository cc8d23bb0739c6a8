using PluginHost.Engine.Plugins;
using static PluginHost.Tests.Plugins.PluginCompiler;

namespace PluginHost.Tests.Plugins;

public sealed class RegistrationTests : IDisposable
{
    private readonly PluginFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private async Task<PluginInstance> ActivateAsync(string entry)
    {
        var chain = _fixture.Chain(entry);
        var scope = _fixture.Activator.Begin(_fixture.Discover());
        var instance = await scope.ActivateAsync(chain[0], "a");
        Assert.Empty(scope.Errors);
        return instance!;
    }

    [Fact]
    public async Task Each_of_the_four_constructors_is_called()
    {
        _fixture.Compile("Four", $$"""
            [assembly: Plugin("none", typeof(None))]
            [assembly: Plugin("only-options", typeof(OnlyOptions), Options = typeof(Settings))]
            [assembly: Plugin("only-context", typeof(OnlyContext))]
            [assembly: Plugin("both", typeof(Both), Options = typeof(Settings), AllowSkip = false)]
            public sealed record Settings(int Count = 3);
            public sealed class None : IContextProvider { public string Seen => "nothing"; {{Provides}} }
            public sealed class OnlyOptions(Settings settings) : IContextProvider { public string Seen => $"{settings.Count}"; {{Provides}} }
            public sealed class OnlyContext(PluginContext context) : IContextProvider { public string Seen => context.Name; {{Provides}} }
            public sealed class Both(Settings settings, PluginContext context) : IContextProvider
            {
                public Both(PluginContext context) : this(new Settings(0), context) { }
                public string Seen => $"{context.Name} {settings.Count}";
                {{Provides}}
            }
            """);

        Assert.Empty(_fixture.Discover().Errors);
        Assert.False(_fixture.Discover().Find("both")!.AllowSkip);
        Assert.Equal("nothing", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "none" }""")).Plugin).Seen);
        Assert.Equal("4", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "only-options", "Options": { "Count": 4 } }""")).Plugin).Seen);
        Assert.Equal("x", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "only-context", "Name": "x" }""")).Plugin).Seen);
        Assert.Equal("both 5", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "both", "Options": { "Count": 5 } }""")).Plugin).Seen);
    }

    [Fact]
    public async Task Any_assembly_of_the_folder_may_hold_the_class_and_the_attribute()
    {
        var library = _fixture.Compile("Split", $$"""
            [assembly: Plugin("in-library", typeof(Parts.Part))]
            [assembly: Plugin("in-both", typeof(Parts.Part))]
            namespace Parts { public sealed class Part : IContextProvider { public string Seen => "library"; {{Provides}} } }
            """, "Parts");
        _fixture.Compile("Split", $$"""
            [assembly: Plugin("class-in-library", typeof(Parts.Part))]
            [assembly: Plugin("in-both", typeof(Main))]
            public sealed class Main : IContextProvider { public string Seen => "main"; {{Provides}} }
            """, references: library);

        Assert.Empty(_fixture.Discover().Errors);
        Assert.Equal("library", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "in-library" }""")).Plugin).Seen);
        Assert.Equal("library", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "class-in-library" }""")).Plugin).Seen);
        Assert.Equal("main", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "in-both" }""")).Plugin).Seen);
    }

    [Fact]
    public void Two_libraries_that_register_one_name_are_an_error_that_names_both()
    {
        string Source(string name) => $$"""
            [assembly: Plugin("twice", typeof({{name}}.Part))]
            namespace {{name}} { public sealed class Part : IContextProvider { {{Provides}} } }
            """;
        var one = _fixture.Compile("Ambiguous", Source("One"), "One");
        var two = _fixture.Compile("Ambiguous", Source("Two"), "Two");
        _fixture.Compile("Ambiguous", "public static class Nothing;");

        var error = Assert.Single(_fixture.DiscoveryErrors());

        Assert.Equal($"{one}: Plugin 'twice' is registered twice: also in {two}. Remove one of the two, or rename it.", error);
    }

    [Fact]
    public void Every_mistake_of_a_registration_is_reported_with_its_cure()
    {
        var file = _fixture.Compile("Wrong", $$"""
            [assembly: Plugin("no-class", null!)]
            [assembly: Plugin("abstract", typeof(Abstract))]
            [assembly: Plugin("generic", typeof(Generic<>))]
            [assembly: Plugin("hidden", typeof(Hidden))]
            [assembly: Plugin("structure", typeof(Structure))]
            [assembly: Plugin("static", typeof(Static))]
            [assembly: Plugin("two-constructors", typeof(TwoConstructors), Options = typeof(Settings))]
            [assembly: Plugin("no-constructor", typeof(NoConstructor))]
            [assembly: Plugin("unread-options", typeof(Good), Options = typeof(Settings))]
            [assembly: Plugin("text-options", typeof(Good), Options = typeof(string))]
            [assembly: Plugin("interface-options", typeof(Good), Options = typeof(IContextProvider))]
            [assembly: Plugin("fixed-options", typeof(Good), Options = typeof(Fixed))]
            [assembly: Plugin("abstract-options", typeof(Good), Options = typeof(AbstractOptions))]
            [assembly: Plugin("again", typeof(Good), AllowSkip = false)]
            [assembly: Plugin("again", typeof(Good))]
            public sealed record Settings(int Count = 3);
            public sealed class Fixed { public int Count => 1; }
            public abstract class AbstractOptions { public int Count { get; set; } }
            public abstract class Abstract : IContextProvider { {{Provides}} }
            public sealed class Generic<T> : IContextProvider { {{Provides}} }
            internal sealed class Hidden : IContextProvider { {{Provides}} }
            public struct Structure : IContextProvider { {{Provides}} }
            public static class Static;
            public sealed class Good : IContextProvider { {{Provides}} }
            public sealed class NoConstructor : IContextProvider { private NoConstructor() { } {{Provides}} }
            public sealed class TwoConstructors : IContextProvider
            {
                public TwoConstructors(Settings settings) { }
                public TwoConstructors(PluginContext context) { }
                {{Provides}}
            }
            """);

        string[] expected =
        [
            "Plugin 'no-class': its registration names no class. Name the plugin's class: [assembly: Plugin(\"name\", typeof(MyPlugin))].",
            "Plugin 'abstract': Abstract is abstract. Register a class that can be constructed.",
            "Plugin 'generic': Generic`1 is generic. Register a class without type parameters.",
            "Plugin 'hidden': Hidden is not public. Make it public, with the classes around it.",
            "Plugin 'structure': Structure is not a class. Register a class.",
            "Plugin 'static': Static is abstract. Register a class that can be constructed.",
            "Plugin 'static': Static implements no plugin interface. Implement one of IHistoryProvider, IContextProvider, IRunMiddleware, IChatMiddleware, IFunctionMiddleware, ISessionStore, IChatClientFactory.",
            "Plugin 'two-constructors': TwoConstructors has no public constructor that the host can call, or two that fit equally well. Add one: (Settings options) or (Settings options, PluginContext context).",
            "Plugin 'no-constructor': NoConstructor has no public constructor. Add one: () or (PluginContext context).",
            "Plugin 'unread-options': the constructor of Good takes no Settings, which its registration names as its options. Write (Settings options) or (Settings options, PluginContext context), or register it without options.",
            "Plugin 'text-options': its options of type System.String are no record or class of the plugin. Use a public record, or a public class whose members can be set, that does not hold itself.",
            "Plugin 'interface-options': its options of type PluginHost.Sdk.IContextProvider are no record or class of the plugin. Use a public record, or a public class whose members can be set, that does not hold itself.",
            "Plugin 'fixed-options': its options of type Fixed have no member that can be set. Use a public record, or a public class whose members can be set, that does not hold itself.",
            "Plugin 'abstract-options': its options of type AbstractOptions are abstract. Use a public record, or a public class whose members can be set, that does not hold itself.",
            "Plugin 'again' is registered twice in this file. Remove one of the two, or rename it.",
            "Plugin 'text-options': the constructor of Good takes no String, which its registration names as its options. Write (String options) or (String options, PluginContext context), or register it without options.",
            "Plugin 'interface-options': the constructor of Good takes no IContextProvider, which its registration names as its options. Write (IContextProvider options) or (IContextProvider options, PluginContext context), or register it without options.",
            "Plugin 'fixed-options': the constructor of Good takes no Fixed, which its registration names as its options. Write (Fixed options) or (Fixed options, PluginContext context), or register it without options.",
            "Plugin 'abstract-options': the constructor of Good takes no AbstractOptions, which its registration names as its options. Write (AbstractOptions options) or (AbstractOptions options, PluginContext context), or register it without options.",
        ];
        Assert.Equal(
            string.Join('\n', expected.Select(e => $"{file}: {e}").Order(StringComparer.Ordinal)),
            string.Join('\n', _fixture.DiscoveryErrors()));
    }

    [Fact]
    public void A_store_that_hosts_share_hands_nothing_over()
    {
        _fixture.Compile("Both", """
            [assembly: Plugin("both", typeof(Both))]
            public sealed class Both : ISharedSessionStore, IResourceHandover
            {
                public ValueTask AcquireAsync(CancellationToken cancellationToken) => default;
                public ValueTask ReleaseAsync(CancellationToken cancellationToken) => default;
                public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
                public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
                public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => default;
                public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => default;
                public ValueTask<IReadOnlyList<HostLease>> RenewAsync(HostDescription self, CancellationToken cancellationToken) => throw new NotSupportedException();
                public ValueTask LeaveAsync(string hostId, CancellationToken cancellationToken) => default;
                public ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken) => default;
                public ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions, string hostId, CancellationToken cancellationToken) => default;
            }
            """);

        Assert.EndsWith(
            "Both implements ISharedSessionStore and IResourceHandover: what several hosts use at once is not held by one build. Remove IResourceHandover.",
            Assert.Single(_fixture.DiscoveryErrors()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_may_be_a_class_whose_members_are_set()
    {
        _fixture.Compile("Properties", $$"""
            using System.ComponentModel; using System.ComponentModel.DataAnnotations;
            [assembly: Plugin("properties", typeof(Reader), Options = typeof(Settings))]
            public sealed class Settings
            {
                [Required] public string Path { get; set; } = "";
                public required int Count { get; init; }
                [Range(1, 9)] public int Size { get; set; } = 7;
                [DefaultValue("5s")] public TimeSpan Wait { get; set; }
            }
            public sealed class Reader(Settings settings) : IContextProvider { public string Seen => $"{settings.Path} {settings.Count} {settings.Size} {settings.Wait}"; {{Provides}} }
            """);

        var members = _fixture.Discover().Find("properties")!.Options.Members.ToDictionary(m => m.Name);
        Assert.Equal((true, true, false, true), (members["Path"].IsRequired, members["Count"].IsRequired, members["Size"].IsRequired, members["Size"].IsSetByPlugin));
        Assert.Equal("x 1 7 00:00:05", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "properties", "Options": { "Path": "x", "Count": 1 } }""")).Plugin).Seen);
        Assert.Equal("x 1 8 00:00:01", (string)((dynamic)(await ActivateAsync("""{ "Plugin": "properties", "Options": { "Path": "x", "Count": 1, "Size": 8, "Wait": "1s" } }""")).Plugin).Seen);
        Assert.Equal(
            ["Agents:a:Chain:0:Options:Path", "Agents:a:Chain:0:Options:Count", "Agents:a:Chain:0:Options:Size"],
            _fixture.LoadChain("""{ "Plugin": "properties", "Options": { "Size": 10 } }""").Errors.Select(e => e.Path));
    }
}
