using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Tests;

/// <summary>What the console has sent, while the API does not show it yet.</summary>
public sealed class SentInputsTests
{
    [Fact]
    public void A_run_has_all_texts_that_were_sent_to_it()
    {
        var inputs = new SentInputs();
        inputs.Add("run", "first");
        inputs.Add("other", "x");
        inputs.Add("run", "added");
        Assert.Equal(["first", "added"], inputs.Find("run"));
    }
}
