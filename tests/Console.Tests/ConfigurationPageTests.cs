using System.Net;
using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Tests;

/// <summary>What the pages of the configuration, the agents and the plugins say of values, where these come from, and what is wrong.</summary>
public sealed partial class ConfigurationPageTests(ConfigurationPageTests.ConfiguredHost setup) : IClassFixture<ConfigurationPageTests.ConfiguredHost>
{
    // The numbers of the lines are in the tests.
    private const string Configuration = """
        {
          // "ApiKey": "sk-commented"
          "Agents": {
            "assistant": {
              "Chain": [
                { "Plugin": "sqlite-history", "Host": { "Window": 50 } }
              ]
            }
          },
          "Server": { "MaxBodyBytes": 100000 },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } },
          "PluginFolders": [ "plugins" ]
        }
        """;

    [Fact]
    public async Task Values_have_their_source_and_secrets_are_hidden()
    {
        var configuration = await ReadAsync("/console/configuration");
        Assert.Matches("""<tr id="line-6"[^>]*><td[^>]*>6</td><td><code>[^<]*sqlite-history""", configuration);
        Assert.Contains("What lies over the file", configuration, StringComparison.Ordinal);
        Assert.Contains("variable Server__MaxStreams", configuration, StringComparison.Ordinal);
        Assert.Contains("(hidden)", configuration, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-commented", configuration, StringComparison.Ordinal);

        var agents = await ReadAsync("/console/agents");
        Assert.Matches(@"Calls count since generation \d+ began to serve\.", agents);
        Assert.Matches("""<code>Host:Window</code></td>\s*<td class="wrap"><code>50</code></td>\s*<td class="wrap[^"]*">appsettings.json, line 6</td>""", agents);
        Assert.Contains("default of the plugin", agents, StringComparison.Ordinal);

        var plugins = await ReadAsync("/console/plugins");
        Assert.Matches("""<details class="card plugin" open>\s*<summary>\s*<h2>Empty</h2>[\s\S]*?broken[\s\S]*?<p class="failure wrap">""", plugins);
        Assert.Contains("used by assistant", plugins, StringComparison.Ordinal);
        Assert.Matches("<dt>SHA-256</dt>\\s*<dd><code>[0-9a-f]{64}</code></dd>", plugins);
        Assert.Contains("<th scope=\"col\">Meaning</th>", plugins, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_and_a_reload_say_what_changes_and_what_needs_a_restart()
    {
        setup.Folder.Configure(Configuration.Replace("50", "60", StringComparison.Ordinal).Replace("100000", "200000", StringComparison.Ordinal));
        Assert.Contains("The file has changed since it was read", await ReadAsync("/console/configuration"), StringComparison.Ordinal);

        var check = await SendAsync("check");
        Assert.Matches("A reload would change [^<]*Host:Window", check);
        Assert.Contains("A reload would not change Server:MaxBodyBytes", check, StringComparison.Ordinal);
        var reload = await SendAsync("reload");
        Assert.Matches("Applied: [^<]*Host:Window", reload);
        Assert.Contains("Applies when the host starts again: Server:MaxBodyBytes.", reload, StringComparison.Ordinal);

        setup.Folder.Configure(Configuration);
        Assert.Contains("serves now.", await SendAsync("reload"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_have_their_line_also_of_a_reload_that_was_refused()
    {
        var wrong = Configuration.Replace("Window", "Windows", StringComparison.Ordinal);
        // Of another text, the lines are not those of the file that is shown.
        Assert.Matches("<span>line 6</span>\\s*<code>Agents:assistant:Chain:0:Host", await SendAsync("check", ("text", wrong)));

        setup.Folder.Configure(wrong);
        var refused = await SendAsync("reload");
        Assert.Contains("1 error", refused, StringComparison.Ordinal);
        Assert.Matches("<span>line 6</span>\\s*<code>Agents:assistant:Chain:0:Host", refused);
        setup.Folder.Configure(Configuration);
    }

    private Task<string> ReadAsync(string path) => setup.Host.Api.Http.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>Sends a form of the page.</summary>
    private async Task<string> SendAsync(string form, params IEnumerable<(string Name, string Value)> fields)
    {
        var token = Token().Match(await ReadAsync("/console/configuration")).Groups[1].Value;
        using var content = new FormUrlEncodedContent([new("form_token", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        using var answer = await setup.Host.Api.Http.PostAsync(new Uri($"/console/configuration/{form}", UriKind.Relative), content);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    /// <summary>A host whose folder of plugins has one without files. Each test leaves the configuration as it was.</summary>
    public sealed class ConfiguredHost : IAsyncLifetime
    {
        internal WorkFolder Folder { get; } = WorkFolder.Create(Configuration);

        internal RunningHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Directory.CreateDirectory(Folder["plugins/Empty"]);
            Host = await RunningHost.StartAsync(Folder, ("Server__MaxStreams", "9"));
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            Folder.Dispose();
        }
    }
}
