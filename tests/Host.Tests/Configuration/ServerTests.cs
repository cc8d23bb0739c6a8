namespace PluginHost.Tests.Configuration;

public sealed class ServerTests : IDisposable
{
    private const string Secret = "s3cret-value";

    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private static string Json(string server) => $$"""{ "Agents": { "a": {} }, "Server": {{server}} }""";

    [Fact]
    public void Keys_come_from_files_and_variables()
    {
        var file = _fixture.Write("keys.txt", "# Keys.\nfirst\n\n  second  \n");
        _fixture.Write("more.txt", "third");
        _fixture.Environment["MY_KEY"] = "fourth";
        _fixture.Environment["PLUGINHOST_API_KEY"] = "fifth";
        _fixture.Environment["PLUGINHOST_API_KEYS_FILE"] = file;

        var configuration = _fixture.Read(Json("""{ "ApiKeys": [ { "File": "more.txt" }, { "Environment": "MY_KEY" } ] }"""));

        Assert.Equal(["third", "fourth", "fifth", "first", "second"], configuration.Server.Keys);
        Assert.DoesNotContain("third", configuration.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($$"""{ "ApiKeys": [ "{{Secret}}" ] }""", "Server:ApiKeys:0: A secret may not be written here")]
    [InlineData("""{ "ApiKeys": [ {} ] }""", "Server:ApiKeys:0: The entry needs either File or Environment.")]
    [InlineData("""{ "ApiKeys": [ { "File": "none.txt" } ] }""", "Server:ApiKeys:0: The file of API keys cannot be read")]
    [InlineData("""{ "ApiKeys": [ { "Environment": "UNSET" } ] }""", "Server:ApiKeys:0: The environment variable 'UNSET' is not set")]
    [InlineData("""{ "ApiKeys": [ { "File": "empty.txt" } ] }""", "holds no key")]
    [InlineData("""{ "ApiKeys": [ { "File": "spaces.txt" } ] }""", "The key cannot be sent in a header")]
    public void A_wrong_source_of_keys_is_an_error_that_shows_no_key(string server, string message)
    {
        _fixture.Write("empty.txt", "# none\n");
        _fixture.Write("spaces.txt", $"{Secret} {Secret}\n");

        var error = Assert.Single(_fixture.Errors(Json(server)));

        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_on_the_command_line_is_refused_without_showing_it()
    {
        var error = Assert.Single(_fixture.Errors(Json("{}"), $"--Server:ApiKeys:0={Secret}"));

        Assert.Contains("A secret may not be written here", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080")]
    [InlineData("http://127.1.2.3:0")]
    [InlineData("http://localhost:5080")]
    [InlineData("http://[::1]:5080/")]
    [InlineData("unix:/run/pluginhost.sock")]
    public void Local_addresses_need_no_key(string address) =>
        Assert.Equal([address], _fixture.Read(Json($$"""{ "Listen": [ "{{address}}" ] }""")).Server.Listen);

    [Theory]
    [InlineData("http://0.0.0.0:5080")]
    [InlineData("http://*:5080")]
    [InlineData("http://[::]:5080")]
    [InlineData("http://192.168.1.5:80")]
    public void Other_addresses_need_a_key_and_the_error_says_how_to_give_one(string address)
    {
        var json = Json($$"""{ "Listen": [ "{{address}}" ] }""");

        var error = Assert.Single(_fixture.Errors(json));
        Assert.StartsWith($"Server:Listen:0: '{address}' can be reached from other machines, and there are no API keys.", error, StringComparison.Ordinal);
        Assert.Contains("PLUGINHOST_API_KEY", error, StringComparison.Ordinal);
        Assert.Contains("Server:ApiKeys", error, StringComparison.Ordinal);

        _fixture.Environment["PLUGINHOST_API_KEY"] = Secret;
        Assert.Equal([address], _fixture.Read(json).Server.Listen);
    }

    [Theory]
    [InlineData("http://0.0.0.0:5080", "s3cret!", 1)]
    [InlineData("http://0.0.0.0:5080", "s3cret!!", 0)]
    [InlineData("http://127.0.0.1:5080", "s3cret!", 0)]
    public void A_key_that_can_be_guessed_is_refused_where_other_machines_reach_the_host(string address, string key, int expected)
    {
        _fixture.Environment["PLUGINHOST_API_KEY"] = key;

        var errors = _fixture.Errors(Json($$"""{ "Listen": [ "{{address}}" ] }"""));

        Assert.Equal(expected, errors.Count);
        Assert.All(errors, e => Assert.StartsWith("environment variable PLUGINHOST_API_KEY: The key has fewer than 8 characters", e, StringComparison.Ordinal));
        Assert.All(errors, e => Assert.DoesNotContain("s3cret", e, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://127.0.0.1:1", "put a proxy before it")]
    [InlineData("http://example:80", "A host name is not resolved.")]
    [InlineData("127.0.0.1:80", "is not an address")]
    [InlineData("http://127.0.0.1", "is not an address")]
    [InlineData("http://127.0.0.1:80/path", "is not an address")]
    [InlineData("http://::1:80", "is not an address")]
    [InlineData("unix:relative", "is not an address")]
    public void What_is_no_address_is_refused(string address, string message) =>
        Assert.Contains(message, Assert.Single(_fixture.Errors(Json($$"""{ "Listen": [ "{{address}}" ] }"""))), StringComparison.Ordinal);
}
