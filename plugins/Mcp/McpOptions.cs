using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Mcp;

/// <summary>Which calls need a person's approval by the hints of servers. A tool without hints counts as one that destroys.</summary>
public enum McpApproval
{
    /// <summary>No call, beside those of tools that the entry's <c>Host:Approve</c> names.</summary>
    None,

    /// <summary>Calls of tools that may destroy something.</summary>
    Destructive,

    /// <summary>Calls of all tools that do not only read.</summary>
    Changing,
}

/// <summary>Options of the <c>mcp</c> plugin. Servers are usually declared once, below <c>Plugins:mcp</c>, and named in each chain.</summary>
/// <param name="Servers">The servers by name. Default: none.</param>
/// <param name="Use">The names of the servers that this entry uses. Default: all.</param>
/// <param name="Allow">The tools to offer, as the server names them: <c>search</c>, <c>github/search</c>, <c>read_*</c>. Default: all.</param>
/// <param name="Deny">Tools not to offer, also when they are allowed, in the same form. Default: none.</param>
/// <param name="Resources">Whether the model gets tools to list and read the resources of the servers. Default: false.</param>
/// <param name="Prompts">Whether the model gets tools to list and fill the prompts of the servers. Default: false.</param>
/// <param name="Instructions">Whether the servers' own instructions are added to those of the agent. Default: true.</param>
/// <param name="MaxResultChars">How many characters of a result the model gets; the rest is cut. 100 to 10,000,000. Default: 100,000.</param>
/// <param name="Approve">Which calls need a person's approval by the hints of servers, beside the tools of the entry's <c>Host:Approve</c>. Default: None.</param>
public sealed record McpOptions(
    IReadOnlyDictionary<string, McpServerOptions>? Servers = null,
    IReadOnlyList<string>? Use = null,
    [MinLength(1)] IReadOnlyList<string>? Allow = null,
    IReadOnlyList<string>? Deny = null,
    bool Resources = false,
    bool Prompts = false,
    bool Instructions = true,
    [Range(100, 10_000_000)] int MaxResultChars = 100_000,
    McpApproval Approve = McpApproval.None) : IValidatableObject
{
    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var servers = Servers ?? new Dictionary<string, McpServerOptions>();
        foreach (var (name, server) in servers)
        {
            foreach (var error in server.FindErrors($"Servers:{name}")) yield return error;
        }

        foreach (var (list, patterns) in new[] { (nameof(Allow), Allow), (nameof(Deny), Deny) })
        {
            for (var i = 0; i < patterns?.Count; i++)
            {
                var star = patterns[i].IndexOf('*', StringComparison.Ordinal);
                if (patterns[i].Length == 0 || (star >= 0 && star != patterns[i].Length - 1))
                    yield return new ValidationResult("A pattern is a name, or the beginning of one with * at the end.", [$"{list}:{i}"]);
            }
        }

        for (var i = 0; i < Use?.Count; i++)
        {
            if (!servers.ContainsKey(Use[i]))
                yield return new ValidationResult($"There is no server '{Use[i]}'. Servers: {string.Join(", ", servers.Keys.Order(StringComparer.Ordinal))}.", [$"Use:{i}"]);
        }
    }
}

/// <summary>One MCP server: a program that the host starts (<paramref name="Command"/>), or an address (<paramref name="Endpoint"/>).</summary>
/// <param name="Command">The program to start. It speaks MCP on its standard input and output.</param>
/// <param name="Arguments">The arguments of the program. Default: none.</param>
/// <param name="Environment">Environment variables of the program, beside the few that it needs to run. Default: none.</param>
/// <param name="WorkingDirectory">The folder in which the program runs. Default: the host's.</param>
/// <param name="Endpoint">The address of a server that speaks streamable HTTP.</param>
/// <param name="Headers">Headers of each request to the address. Default: none.</param>
/// <param name="OAuth">How to get a token for the address. Default: none.</param>
/// <param name="Prefix">What the names of the server's tools begin with for the model, for example <c>github_</c>. Default: nothing.</param>
/// <param name="PerSession">Whether each session of the host has its own connection, for servers that keep state. Default: false.</param>
/// <param name="ConnectTimeout">How long a connection may take to begin. Default: 30 seconds.</param>
/// <param name="CallTimeout">How long a call may take without any progress. The entry's <c>Host:Timeout</c> ends it in any case. Default: 25 seconds.</param>
public sealed record McpServerOptions(
    string? Command = null,
    IReadOnlyList<string>? Arguments = null,
    IReadOnlyDictionary<string, Secret>? Environment = null,
    string? WorkingDirectory = null,
    Uri? Endpoint = null,
    IReadOnlyDictionary<string, Secret>? Headers = null,
    McpOAuthOptions? OAuth = null,
    [RegularExpression("[A-Za-z0-9_-]{0,32}", ErrorMessage = "up to 32 letters, digits, hyphens and underscores")] string Prefix = "",
    bool PerSession = false,
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] TimeSpan? ConnectTimeout = null,
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] TimeSpan? CallTimeout = null)
{
    internal TimeSpan ConnectLimit => ConnectTimeout ?? TimeSpan.FromSeconds(30);

    internal TimeSpan CallLimit => CallTimeout ?? TimeSpan.FromSeconds(25);

    internal IEnumerable<ValidationResult> FindErrors(string place)
    {
        if ((Command is null) == (Endpoint is null))
            yield return new ValidationResult("A server has either a Command or an Endpoint. Set Command to a program, or Endpoint to an address.", [place]);
        if (Endpoint is not null && (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https")))
            yield return new ValidationResult("This is not the address of a web server. Write it with its scheme: https://example.com/mcp.", [$"{place}:Endpoint"]);
        else if (Endpoint is { UserInfo.Length: > 0 })
            yield return new ValidationResult("User and password are not allowed in an address. Set a header in Headers.", [$"{place}:Endpoint"]);
        if (OAuth is { TokenEndpoint: var token } && (token is not { IsAbsoluteUri: true } || token.Scheme is not ("http" or "https")))
            yield return new ValidationResult("This is not the address of a web server. Write it with its scheme: https://example.com/token.", [$"{place}:OAuth:TokenEndpoint"]);
        else if (OAuth is { TokenEndpoint.UserInfo.Length: > 0 })
            yield return new ValidationResult("User and password are not allowed in an address. Set ClientId and ClientSecret.", [$"{place}:OAuth:TokenEndpoint"]);
        if (Endpoint is null && (Headers is not null || OAuth is not null))
            yield return new ValidationResult("Headers and OAuth need an Endpoint. Give a program its secrets in Environment.", [place]);
        if (Command is null && (Arguments is not null || Environment is not null || WorkingDirectory is not null))
            yield return new ValidationResult("Arguments, Environment and WorkingDirectory need a Command.", [place]);
    }
}

/// <summary>Client credentials of OAuth 2.0 (RFC 6749, section 4.4), for servers that trust the host and not a person.</summary>
/// <param name="TokenEndpoint">The address that gives tokens.</param>
/// <param name="ClientId">The client's id.</param>
/// <param name="ClientSecret">The client's secret.</param>
/// <param name="Scope">The scope to ask for. Default: none.</param>
public sealed record McpOAuthOptions(Uri TokenEndpoint, string ClientId, Secret ClientSecret, string? Scope = null);
