using PluginHost.Mcp.Tools;

namespace PluginHost.Mcp.Tests;

/// <summary>Which tools an entry offers.</summary>
public sealed class ToolFilterTests
{
    [Theory]
    [InlineData("delete", "delete", false)]
    [InlineData("delete", "Delete", false)]
    [InlineData("del*", "delete", false)]
    [InlineData("github/delete", "delete", false)]
    [InlineData("gitlab/delete", "delete", true)]
    [InlineData("admin/*", "admin/delete", false)]
    [InlineData("git*", "delete", true)]
    public void A_denied_tool_is_not_offered(string pattern, string tool, bool isOffered) =>
        Assert.Equal(isOffered, new ToolFilter(null, [pattern]).Allows("github", tool));

    [Theory]
    [InlineData("read", "read", true)]
    [InlineData("read", "Read", false)]
    [InlineData("read*", "read_all", true)]
    [InlineData("github/read", "read", true)]
    [InlineData("gitlab/read", "read", false)]
    public void Only_an_allowed_tool_is_offered(string pattern, string tool, bool isOffered) =>
        Assert.Equal(isOffered, new ToolFilter([pattern], null).Allows("github", tool));
}
