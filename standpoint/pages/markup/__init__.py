"""Pages whose text stands in markup: HTML, XML and JSON become lines that know where in the page they were read."""
