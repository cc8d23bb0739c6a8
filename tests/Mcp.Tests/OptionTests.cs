using System.ComponentModel.DataAnnotations;

namespace PluginHost.Mcp.Tests;

/// <summary>The errors of wrong options, which <c>check</c> shows.</summary>
public sealed class OptionTests
{
    private static readonly Uri Address = new("https://example.com/mcp");

    private static readonly Dictionary<string, (McpOptions Options, string Place, string Message)> Cases = new()
    {
        ["a server without an address"] = (With(new()), "Servers:a", "either a Command or an Endpoint"),
        ["a program at an address"] = (With(new(Command: "x", Endpoint: Address)), "Servers:a", "either a Command or an Endpoint"),
        ["another scheme"] = (With(new(Endpoint: new Uri("ftp://h/"))), "Servers:a:Endpoint", "not the address of a web server"),
        ["a path alone"] = (With(new(Endpoint: new Uri("/mcp", UriKind.Relative))), "Servers:a:Endpoint", "not the address of a web server"),
        ["a password in an address"] = (With(new(Endpoint: new Uri("https://u:p@h/mcp"))), "Servers:a:Endpoint", "Set a header in Headers."),
        ["a token from a path"] = (
            With(new(Endpoint: Address, OAuth: new(new Uri("/token", UriKind.Relative), "i", new Secret("s")))), "Servers:a:OAuth:TokenEndpoint", "not the address of a web server"),
        ["a password in the address of tokens"] = (
            With(new(Endpoint: Address, OAuth: new(new Uri("https://u:p@h/token"), "i", new Secret("s")))), "Servers:a:OAuth:TokenEndpoint", "Set ClientId and ClientSecret."),
        ["headers for a program"] = (With(new(Command: "x", Headers: new Dictionary<string, Secret>())), "Servers:a", "need an Endpoint"),
        ["arguments for an address"] = (With(new(Endpoint: Address, Arguments: ["x"])), "Servers:a", "need a Command"),
        ["a star in the middle"] = (With(new(Command: "x")) with { Allow = ["re*d"] }, "Allow:0", "A pattern is a name"),
        ["an empty pattern"] = (With(new(Command: "x")) with { Deny = ["a", ""] }, "Deny:1", "A pattern is a name"),
        ["a server that is not declared"] = (With(new(Command: "x")) with { Use = ["b"] }, "Use:0", "There is no server 'b'. Servers: a."),
    };

    public static TheoryData<string> Wrong => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_options_are_named_with_their_place(string name)
    {
        var (options, place, message) = Cases[name];

        var error = Assert.Single(options.Validate(new ValidationContext(options)));

        Assert.Equal([place], error.MemberNames);
        Assert.Contains(message, error.ErrorMessage, StringComparison.Ordinal);
    }

    private static McpOptions With(McpServerOptions server) => new(new Dictionary<string, McpServerOptions> { ["a"] = server });
}
