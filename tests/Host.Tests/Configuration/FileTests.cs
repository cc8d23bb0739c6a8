using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Tests.Configuration;

public sealed class FileTests : IDisposable
{
    private const string Minimal = """{ "Agents": { "assistant": {} } }""";

    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private LoadResult Load(string? path = null) => ConfigurationLoader.Load(path, _fixture.Environment, [], _fixture.Paths);

    [Fact]
    public void The_file_is_found_by_option_then_variable_then_working_directory_then_beside_the_host()
    {
        var option = _fixture.Write("option.json", Minimal);
        var variable = _fixture.Write("variable.json", Minimal);
        var beside = _fixture.Write("bin/config/appsettings.json", Minimal);
        Assert.Equal(beside, Load().File);

        var working = _fixture.Write("config/appsettings.json", Minimal);
        Assert.Equal(working, Load().File);

        _fixture.Environment["PLUGINHOST_CONFIG"] = "variable.json";
        Assert.Equal(variable, Load().File);
        Assert.Equal(option, Load("option.json").File);
    }

    [Fact]
    public void Without_a_file_the_error_says_where_it_was_looked_for_and_how_to_name_one()
    {
        var error = Assert.Single(Load().Errors).ToString();

        Assert.Contains(Path.Combine(_fixture.Folder, "config", "appsettings.json"), error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_fixture.Folder, "bin", "config", "appsettings.json"), error, StringComparison.Ordinal);
        Assert.Contains("--config", error, StringComparison.Ordinal);
        Assert.Contains("PLUGINHOST_CONFIG", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_file_that_is_not_there_is_not_replaced_by_another()
    {
        _fixture.Write("config/appsettings.json", Minimal);

        var result = Load("missing.json");

        Assert.Null(result.Draft);
        Assert.Contains("--config names it", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed()
    {
        var configuration = _fixture.Read("""
            // A comment.
            { "Agents": { "assistant": { /* none */ }, }, }
            """);

        Assert.Equal("assistant", Assert.Single(configuration.Agents.Values).Name);
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm() =>
        Assert.Single(_fixture.Read("\uFEFF{ \"Agents\": { \"assistant\": {} } }").Agents);

    [Theory]
    [InlineData("{ \"Agents\": ", "not JSON")]
    [InlineData("[]", "does not hold a JSON object")]
    [InlineData("", "not JSON")]
    public void A_file_that_is_not_an_object_is_one_clear_error(string text, string message)
    {
        var error = Assert.Single(_fixture.Errors(text));

        Assert.Contains("appsettings.json", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_syntax_error_tells_line_and_column()
    {
        var error = Assert.Single(_fixture.Errors("{\n  \"Agents\" {}\n}"));

        Assert.Contains("line 2, column 12", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicate_keys_are_errors_in_any_case_and_all_are_reported()
    {
        var errors = _fixture.Errors("""
            { "Agents": { "a": { "Instructions": "x", "instructions": "y" } }, "Server": {}, "Server": {} }
            """);

        Assert.Equal(2, errors.Count);
        Assert.StartsWith("Agents:a:instructions: Duplicate key.", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("Server: Duplicate key.", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_as_shipped_reads_without_an_error()
    {
        var file = Path.Combine(RepositoryFiles.Root, "config", "appsettings.json");

        var result = ConfigurationLoader.Load(file, _fixture.Environment, [], _fixture.Paths);

        Assert.Empty(result.Errors);
        var agent = Assert.Single(result.Configuration!.Agents.Values);
        Assert.Equal("assistant", agent.Name);
        Assert.Equal("echo", agent.Model.Client);
        Assert.Equal(["sqlite-history", "memory"], agent.Chain.Select(e => e.Plugin));
        Assert.Equal("sqlite-sessions", result.Configuration.Sessions.Store!.Plugin);
        Assert.Equal("data/sessions.db", agent.Chain[0].Options.Json["Path"]!.GetValue<string>());
        Assert.Equal("data/sessions.db", result.Configuration.Sessions.Store.Options.Json["Path"]!.GetValue<string>());
    }
}
