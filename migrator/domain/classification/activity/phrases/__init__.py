"""What people in issue threads say when they ask, answer, promise, refuse or thank.

English phrases as regular expressions. None is a name, so they hold for any project. Beside each
group stand threads in which it was said; a bare number is an issue of tensorflow/tensorflow (2018
to 2021). A group has at least three. Texts are compared in lower case, without mentions, one
sentence at a time. Nothing here repeats without a bound, so that a search takes time in proportion
to the sentence.
"""
