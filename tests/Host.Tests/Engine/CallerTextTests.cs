using System.Net.Sockets;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

public sealed class CallerTextTests
{
    [Theory]
    [InlineData("The disk of '/srv/my data/history.db' is full.", "The disk of 'history.db' is full.")]
    [InlineData("Run sqlite3 /srv/data/history.db .recover.", "Run sqlite3 history.db .recover.")]
    [InlineData("/srv/data is gone", "data is gone")]
    [InlineData("(in /srv/data/)", "(in data)")]
    [InlineData(@"The file 'C:\data\history.db' is locked.", "The file 'history.db' is locked.")]
    [InlineData("Could not read '/a/b': Access to the path '/a/b/c.json' is denied.", "Could not read 'b': Access to the path 'c.json' is denied.")]
    [InlineData("https://example.com/v1/models, and/or 1/2", "https://example.com/v1/models, and/or 1/2")]
    public void Absolute_paths_lose_all_but_their_last_part(string text, string shown) => Assert.Equal(shown, CallerText.HidePaths(text));

    [Fact]
    public void Only_texts_that_are_meant_for_callers_reach_them()
    {
        Assert.Equal("The disk of 'history.db' is full.", CallerText.From(new StorageException("The disk of '/srv/history.db' is full.")));
        Assert.Equal("It returned null.", CallerText.From(new PluginContractException("It returned null.")));
        Assert.Equal("System.InvalidOperationException: the host's log has the cause.", CallerText.From(new InvalidOperationException("what a user wrote")));
    }

    [Fact]
    public void Texts_of_the_platform_are_for_the_log_alone()
    {
        Exception[] errors =
        [
            new HttpRequestException("Connection refused (10.0.0.7:8000)"), new SocketException(111),
            new UnauthorizedAccessException("Access to the path '/srv/data' is denied."), new FileNotFoundException("Could not find file '/srv/data/x'."),
        ];

        Assert.All(errors, e => Assert.Equal($"{e.GetType().FullName}: the host's log has the cause.", CallerText.From(e)));
        Assert.All(errors, e => Assert.Equal(e.Message, CallerText.ForOperator(new InvalidOperationException("x", e))));
        Assert.Equal("/srv/data is full", CallerText.ForOperator(new StorageException("/srv/data is full")));
        Assert.Null(CallerText.ForOperator(new InvalidOperationException("what a user wrote")));
    }
}
