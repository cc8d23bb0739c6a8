using PluginHost.Engine.Plugins.Catalog;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Outcomes;

/// <summary>What a host says of its configuration: on the wire, with the shipped plugins and a real file.</summary>
public sealed class ConfigurationTests
{
    // The numbers of the lines are in the tests.
    private const string Text = """
        {
          // One agent. Its old password was "hunter2".
          "Agents": {
            "assistant": {
              "Model": { "Client": "echo" },
              "Chain": [
                { "Plugin": "redaction" },
                {
                  "Plugin": "sqlite-history",
                  "Host": { "Window": 7 }
                }
              ]
            }
          },
          "Plugins": {
            "sqlite-history": { "Options": { "Path": "FOLDER/data/sessions.db" } },
            "sqlite-sessions": { "Options": { "Path": "FOLDER/data/sessions.db" } }
          },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } },
          "Server": { "Listen": [ "http://127.0.0.1:0" ] }
        }
        """;

    [Fact]
    public async Task Values_in_force_have_their_line_their_variable_or_are_defaults()
    {
        using var setup = new OutcomeSetup("sqlite") { Text = Text };
        setup.Environment["Sessions__QueueLimit"] = "9";
        await using var host = await OutcomeHost.StartAsync(setup);

        var configuration = (await host.GetAsync("/v1/configuration")).Json;

        Assert.Equal("http://127.0.0.1:0 file 20", Describe(configuration, "Server:Listen:0"));
        Assert.Equal("9 environment Sessions__QueueLimit", Describe(configuration, "Sessions:QueueLimit"));
        Assert.Equal("33554432 default ", Describe(configuration, "Server:MaxBodyBytes"));
        Assert.Equal("7 file 10", Describe(configuration, "Agents:assistant:Chain:1:Host:Window"));
        // The option comes from the section Plugins, which has the line.
        var path = Row(configuration.GetProperty("values"), "Agents:assistant:Chain:1:Options:Path").GetProperty("source");
        Assert.Equal(("Plugins:sqlite-history:Options:Path", 16), (path.Text("path"), path.GetProperty("line").GetInt32()));
        Assert.Equal("plugin_default", Row(configuration.GetProperty("values"), "Agents:assistant:Chain:1:Options:Synchronous").GetProperty("source").Text("kind"));
        Assert.Equal(["Sessions:QueueLimit"], configuration.GetProperty("overrides").EnumerateArray().Select(o => o.Text("path")));
        Assert.False(configuration.GetProperty("files")[0].GetProperty("changed").GetBoolean());
        Assert.Equal("      \"Chain\": [", configuration.GetProperty("files")[0].GetProperty("lines")[5].GetString());
        Assert.Equal(21, configuration.GetProperty("files")[0].GetProperty("lines").GetArrayLength());
    }

    [Fact]
    public async Task An_agent_shows_its_options_with_their_source_and_how_its_calls_went()
    {
        using var setup = new OutcomeSetup("sqlite") { Text = Text };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < 3; i++) await host.RunAsync("s", $"hi {i}");

        var chain = (await host.GetAsync("/v1/agents/assistant")).Json.GetProperty("chain");

        Assert.Equal(["redaction", "sqlite-history"], chain.EnumerateArray().Select(e => e.Text("plugin")));
        var history = chain[1];
        Assert.Equal(("7", "file", 10), Parts(Row(history.GetProperty("host"), "Window")));
        Assert.Equal(("file", 16), (Row(history.GetProperty("options"), "Path").GetProperty("source").Text("kind"), Row(history.GetProperty("options"), "Path").GetProperty("source").GetProperty("line").GetInt32()));
        var calls = history.GetProperty("calls");
        var loads = calls.GetProperty("operations").EnumerateArray().Single(o => o.Text("operation") == "history.load");
        Assert.Equal((3, 0), (loads.GetProperty("count").GetInt32(), loads.GetProperty("errors").GetInt32()));
        Assert.InRange(loads.GetProperty("p95_ms").GetDouble(), 0.001, 60_000);
        Assert.InRange(chain[0].GetProperty("calls").GetProperty("count").GetInt32(), 3, 100);
        // Settings of histories say nothing of a middleware.
        Assert.DoesNotContain(chain[0].GetProperty("host").EnumerateArray(), s => s.Text("path") == "Window");
    }

    [Fact]
    public async Task Secrets_are_hidden_wherever_they_are_written()
    {
        using var setup = new OutcomeSetup("sqlite")
        {
            Text = """
                {
                  /* "ApiKey": "sk-commented" */
                  // postgres://ada:sk-comment@127.0.0.1/app
                  "Agents": { "assistant": { "Model": { "Client": "openai", "Endpoint": "http://127.0.0.1:9/", "ApiKeyEnvironment": "" },
                    "Chain": [ { "Plugin": "mcp", "Options": { "Servers": { "s": { "Endpoint": "http://127.0.0.1:9/", "Headers": { "X-Anything": "sk-header" } } } } } ] } },
                  "Server": { "Listen": [ "http://127.0.0.1:0" ] },
                  "Logging": { "Sink": { "Password": "sk-logging", "Connection": "Host=h;Password=sk-connection", "Account": "AccountName=a;AccountKey=sk-account", "Address": "http://ada:sk-address@127.0.0.1:9/" } }
                }
                """,
        };
        await using var host = await OutcomeHost.StartAsync(setup);

        foreach (var path in new[] { "/v1/configuration", "/v1/agents", "/v1/agents/assistant" })
        {
            var answer = await host.GetAsync(path);
            Assert.Equal(200, answer.Status);
            Assert.DoesNotContain("sk-", answer.Json.GetRawText(), StringComparison.Ordinal);
        }

        var configuration = (await host.GetAsync("/v1/configuration")).Json;
        Assert.True(Row(configuration.GetProperty("values"), "Agents:assistant:Chain:0:Options:Servers:s:Headers:X-Anything").GetProperty("hidden").GetBoolean());
        Assert.Contains("(hidden)", configuration.GetProperty("files")[0].GetProperty("lines")[1].GetString());
    }

    [Fact]
    public async Task A_check_reads_the_file_as_it_is_now_and_changes_nothing()
    {
        using var setup = new OutcomeSetup("sqlite") { Text = Text };
        await using var host = await OutcomeHost.StartAsync(setup);
        var good = (await host.PostAsync("/v1/check")).Json;
        Assert.Equal((true, 0), (good.GetProperty("valid").GetBoolean(), good.GetProperty("applied").GetArrayLength()));

        setup.Folder.Write("config/appsettings.json", Text.Replace("FOLDER", setup.Folder.Path, StringComparison.Ordinal).Replace("\"Window\": 7", "\"Window\": 0", StringComparison.Ordinal).Replace("127.0.0.1:0", "127.0.0.1:1", StringComparison.Ordinal));
        var bad = (await host.PostAsync("/v1/check")).Json;

        Assert.False(bad.GetProperty("valid").GetBoolean());
        var error = Assert.Single(bad.GetProperty("errors").EnumerateArray());
        Assert.Equal(("Agents:assistant:Chain:1:Host:Window", 10), (error.Text("path"), error.GetProperty("line").GetInt32()));
        Assert.Contains("1 to 100", error.Text("allowed"));
        Assert.Equal(["Agents:assistant:Chain:1:Host:Window"], bad.GetProperty("applied").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(["Server:Listen:0"], bad.GetProperty("needs_restart").EnumerateArray().Select(p => p.GetString()));
        Assert.True((await host.GetAsync("/v1/configuration")).Json.GetProperty("files")[0].GetProperty("changed").GetBoolean());
        Assert.Equal(7, host.Setup.Configuration!.Agents["assistant"].Chain[1].Host.Window);
        (await host.PostAsync("/v1/reload")).IsProblem(422, "configuration-invalid");
    }

    [Theory]
    [InlineData("{ \"Agents\": {\n  \"a\": }", 2, "not JSON")]
    [InlineData("{ \"Agents\": {},\n\n \"Sever\": {} }", 3, "not known")]
    [InlineData("{\n \"Agents\": { \"a\": { \"Chain\": [ { } ] } } }", 2, "must be given")]
    [InlineData("{\n\n \"Agents\": { \"a\": { \"Chain\": [\n { \"Plugin\": \"nothing\" } ] } } }", 4, "nothing")]
    public async Task A_text_can_be_checked_and_each_error_has_its_line(string text, int line, string message)
    {
        using var setup = new OutcomeSetup("sqlite") { Text = Text };
        await using var host = await OutcomeHost.StartAsync(setup);

        var check = (await host.PostAsync("/v1/check", new JsonObject { ["text"] = text })).Json;

        Assert.False(check.GetProperty("valid").GetBoolean());
        Assert.Contains(check.GetProperty("errors").EnumerateArray(), e => e.TryGetProperty("line", out var at) && at.GetInt32() == line && e.GetRawText().Contains(message, StringComparison.Ordinal));
        (await host.PostAsync("/v1/check", new JsonObject { ["file"] = text })).IsProblem(400, "invalid-request");
        (await host.PostAsync("/v1/check", new JsonObject { ["text"] = new string(' ', (1024 * 1024) + 1) })).IsProblem(400, "invalid-request");
    }

    [Fact]
    public async Task A_reload_says_what_it_applied_and_what_waits_for_a_restart()
    {
        using var setup = new OutcomeSetup("sqlite") { Text = Text };
        await using var host = await OutcomeHost.StartAsync(setup);
        var changed = Text.Replace("FOLDER", setup.Folder.Path, StringComparison.Ordinal).Replace("\"Window\": 7", "\"Window\": 8", StringComparison.Ordinal);
        setup.Folder.Write("config/appsettings.json", changed.Replace("127.0.0.1:0\" ]", "127.0.0.1:0\" ], \"MaxStreams\": 5", StringComparison.Ordinal));

        var first = (await host.PostAsync("/v1/reload")).Json;
        var second = (await host.PostAsync("/v1/reload")).Json;

        Assert.Equal((1, "Agents:assistant:Chain:1:Host:Window"), (first.GetProperty("applied").GetArrayLength(), first.GetProperty("applied")[0].GetString()));
        Assert.Equal(0, second.GetProperty("applied").GetArrayLength());
        // What waits for a restart waits until there is one.
        foreach (var reload in new[] { first, second }) Assert.Equal("Server:MaxStreams", Assert.Single(reload.GetProperty("needs_restart").EnumerateArray()).GetString());
        Assert.Equal("Server:MaxStreams", (await host.GetAsync("/v1/configuration")).Json.GetProperty("needs_restart")[0].GetString());
    }

    [Fact]
    public async Task Others_than_admins_see_neither_configuration_nor_options()
    {
        using var setup = new OutcomeSetup("sqlite") { Echo = true, Keys = [ApiKey.Create("user", "acme", false), ApiKey.Create("admin", "acme", true)] };
        await using var host = await OutcomeHost.StartAsync(setup);
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/v1/configuration"), (HttpMethod.Post, "/v1/check"), (HttpMethod.Get, "/v1/plugins") })
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, method, path, "user")).StatusCode);
        var entry = (await (await SendAsync(host, HttpMethod.Get, "/v1/agents/assistant", "user")).JsonAsync()).GetProperty("chain")[0];
        foreach (var name in new[] { "host", "options", "calls" }) Assert.False(entry.TryGetProperty(name, out _), name);
        Assert.True((await (await SendAsync(host, HttpMethod.Get, "/v1/agents/assistant", "admin")).JsonAsync()).GetProperty("chain")[0].TryGetProperty("options", out _));
    }

    [Fact]
    public async Task Plugins_are_active_unused_or_broken_with_the_reason()
    {
        using var setup = new OutcomeSetup("sqlite") { Echo = true };
        Directory.CreateDirectory(Path.Combine(setup.Folder.Path, "plugins", "Empty"));
        await using var host = await OutcomeHost.StartAsync(setup);

        var plugins = (await host.GetAsync("/v1/plugins")).Json.GetProperty("data").EnumerateArray().ToDictionary(p => p.Text("name")!);

        var used = plugins["sqlite-history"];
        Assert.Equal(("active", "assistant", 1), (used.Text("state"), used.GetProperty("uses")[0].Text("agent"), used.GetProperty("generation").GetInt32()));
        Assert.StartsWith(OutcomeSetup.HostFolder, used.Text("folder"));
        Assert.NotEqual("", used.Text("sdk_version"));
        Assert.False(plugins["sqlite-sessions"].GetProperty("uses")[0].TryGetProperty("agent", out _));
        Assert.Equal("unused", plugins["memory"].Text("state"));
        Assert.Contains("1 to", plugins["memory"].GetProperty("options")[0].Text("type"));
        Assert.Equal("broken", plugins["Empty"].Text("state"));
        Assert.Contains("Empty.dll", plugins["Empty"].GetProperty("errors")[0].GetString());
    }

    private static Task<HttpResponseMessage> SendAsync(OutcomeHost host, HttpMethod method, string path, string key)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-Api-Key", key);
        return host.Http.SendAsync(request);
    }

    private static JsonElement Row(JsonElement rows, string path) => rows.EnumerateArray().Single(r => r.Text("path") == path);

    private static (string? Value, string? Kind, int Line) Parts(JsonElement row) =>
        (row.GetProperty("value").ToString(), row.GetProperty("source").Text("kind"), row.GetProperty("source").GetProperty("line").GetInt32());

    private static string Describe(JsonElement configuration, string path)
    {
        var row = Row(configuration.GetProperty("values"), path);
        var source = row.GetProperty("source");
        var place = source.TryGetProperty("line", out var line) ? line.ToString() : source.TryGetProperty("name", out var name) ? name.GetString() : "";
        return $"{row.GetProperty("value")} {source.Text("kind")} {place}";
    }

    [Fact]
    public void A_text_that_names_other_folders_of_plugins_runs_no_code_of_them()
    {
        using var setup = new OutcomeSetup("sqlite") { Text = Text };
        var file = setup.Write("");
        var other = Path.Combine(setup.Folder.Path, "other");
        Directory.CreateDirectory(other);
        var text = File.ReadAllText(file);

        Assert.True(Load(text).IsTrusted);
        foreach (var added in new[] { $"\"PluginFolders\": [ {JsonSerializer.Serialize(other)} ],", "\"PluginTrust\": { \"WritableFolders\": \"ignore\" }," })
        {
            var changed = Load(text.Insert(text.IndexOf('{', StringComparison.Ordinal) + 1, added));
            Assert.Empty(changed.Errors);
            Assert.False(changed.IsTrusted);
        }

        HostSetup Load(string given) => HostSetup.Load(file, setup.Environment, [], new HostPaths(setup.Folder.Path, OutcomeSetup.HostFolder), text: given);
    }
}
