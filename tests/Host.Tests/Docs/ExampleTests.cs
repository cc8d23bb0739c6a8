using System.CommandLine;
using System.Text.RegularExpressions;
using PluginHost.Cli;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Docs;

/// <summary>The configurations that people copy: each is valid as it is, with the plugins that ship.</summary>
public sealed partial class ExampleTests
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "config", "examples");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileName(f)!).Order()];

    /// <summary>Pages of plugins with a complete configuration.</summary>
    public static TheoryData<string> Pages => ["docs/plugins/anthropic.md", "docs/plugins/knowledge.md", "docs/plugins/ollama.md"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_example_is_valid_and_the_recipes_show_it(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, file));

        await AssertValidAsync(text);
        Assert.Contains($"```json\n{text}```", DocumentationTests.Page("docs/recipes.md"), StringComparison.Ordinal);
        Assert.Contains($"(../config/examples/{file})", DocumentationTests.Page("docs/recipes.md"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task The_configuration_of_a_plugins_page_is_valid(string page)
    {
        var text = JsonBlock().Matches(DocumentationTests.Page(page)).Select(m => m.Groups[1].Value).First(b => b.Contains("\"Agents\"", StringComparison.Ordinal));

        await AssertValidAsync(text);
    }

    [Theory]
    [InlineData("""{ "Client": "ollama", "Model": "m", "Options": {} }""", "Model:Options:Endpoint: ")]
    [InlineData("""{ "Client": "ollama", "Model": "m", "Options": { "Endpoint": "http://localhost:11434/v1" } }""", "Leave out /v1, or use the chat client openai.")]
    [InlineData("""{ "Client": "ollama", "Model": "m", "Options": { "Endpoint": "http://h/", "KeepAlive": "soon" } }""", "KeepAlive")]
    [InlineData("""{ "Client": "ollama", "Model": "m", "Options": { "Endpoint": "http://h/", "Parameters": { "num_ctx": "x" } } }""", "Options:Parameters:num_ctx")]
    [InlineData("""{ "Client": "anthropic", "Model": "m", "Options": {} }""", "Model:Options:ApiKey: ")]
    [InlineData("""{ "Client": "anthropic", "Model": "m", "Options": { "ApiKey": "k", "ThinkingTokens": 100 } }""", "ThinkingTokens")]
    [InlineData("""{ "Client": "anthropic", "Model": "m", "Options": { "ApiKey": "k", "Thinking": "Adaptive", "ThinkingTokens": 2000 } }""", "It has no effect with Thinking: Adaptive.")]
    [InlineData("""{ "Client": "anthropic", "Model": "m", "Options": { "ApiKey": "k", "Betas": ["a b"] } }""", "Options:Betas:0")]
    public async Task Check_finds_wrong_options_of_a_model_without_calling_it(string model, string error)
    {
        var (code, errors) = await CheckAsync($$"""{ "Agents": { "assistant": { "Model": {{model}} } } }""");

        Assert.Equal(1, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "Folders: ")]
    [InlineData("""{ "Folders": [] }""", "Folders")]
    [InlineData("""{ "Folders": ["docs"], "MaxChunks": 0 }""", "MaxChunks")]
    [InlineData("""{ "Folders": ["docs"], "Interval": "0.5s" }""", "Interval")]
    [InlineData("""{ "Folders": ["docs/{user}"] }""", "The only placeholder is {tenant}")]
    [InlineData("""{ "Folders": ["docs"], "Embeddings": { "Model": "m" } }""", "Embeddings:Endpoint: ")]
    [InlineData("""{ "Folders": ["docs"], "Embeddings": { "Endpoint": "https://h/v1", "Model": "m", "ApiKey": { "File": "secrets/none" } } }""", "Embeddings:ApiKey")]
    public async Task Check_finds_wrong_options_of_documents_without_looking_at_them(string options, string error)
    {
        var (code, errors) = await CheckAsync($$"""{ "Agents": { "assistant": { "Chain": [ { "Plugin": "knowledge", "Options": {{options}} } ] } } }""");

        Assert.Equal(1, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Servers": { "a": {} } }""", "either a Command or an Endpoint")]
    [InlineData("""{ "Servers": { "a": { "Command": "x", "ConnectTimeout": "0.1s" } } }""", "ConnectTimeout")]
    [InlineData("""{ "Servers": { "a": { "Command": "x", "CallTimeout": "2h" } } }""", "CallTimeout")]
    [InlineData("""{ "Servers": { "a": { "Command": "x", "Prefix": "a b" } } }""", "Prefix")]
    [InlineData("""{ "Servers": { "a": { "Endpoint": "https://u:p@h/" } } }""", "Set a header in Headers.")]
    [InlineData("""{ "Servers": { "a": { "Endpoint": "https://h/", "Headers": { "X-Key": { "File": "secrets/none" } } } } }""", "Headers:X-Key")]
    [InlineData("""{ "MaxResultChars": 1 }""", "MaxResultChars")]
    [InlineData("""{ "Allow": [] }""", "Allow")]
    [InlineData("""{ "Approve": "All" }""", "Approve")]
    public async Task Check_finds_wrong_options_of_servers_without_starting_them(string options, string error)
    {
        var (code, errors) = await CheckAsync($$"""{ "Agents": { "assistant": { "Chain": [ { "Plugin": "mcp", "Options": {{options}} } ] } } }""");

        Assert.Equal(1, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_starts_no_server()
    {
        using var folder = new TemporaryFolder();
        var mark = Path.Combine(folder.Path, "started").Replace('\\', '/');

        await AssertValidAsync($$"""
            { "Agents": { "assistant": { "Chain": [ { "Plugin": "mcp", "Options": { "Servers": { "a": { "Command": "touch", "Arguments": ["{{mark}}"] } } } } ] } } }
            """);

        Assert.False(File.Exists(mark));
    }

    private static async Task AssertValidAsync(string text)
    {
        var (code, errors) = await CheckAsync(text);
        Assert.True(code == 0, errors);
    }

    private static async Task<(int Code, string Errors)> CheckAsync(string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("config/appsettings.json", text);
        // The files that the examples name, which their reader makes.
        folder.Write("secrets/openai", "sk-0123456789abcdef");
        folder.Write("secrets/anthropic", "sk-ant-0123456789abcdef");
        folder.Write("secrets/keys", KeyFile.ToLine(ApiKey.Create("0123456789abcdef0123", "acme", isAdmin: false)));
        using var output = new StringWriter();
        using var error = new StringWriter();
        var root = CommandLine.CreateRoot(new(), new HostPaths(folder.Path, OutcomeSetup.HostFolder));
        var code = await CommandLine.InvokeAsync(root, ["check"], new InvocationConfiguration { Output = output, Error = error });
        return (code, error.ToString());
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
